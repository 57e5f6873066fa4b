// What a reader does with a page: change its language, read both side by side, look at what a link points to.
(() => {
  const article = document.querySelector("article.bd-article");
  const languageSwitch = document.querySelector(".language-switch");
  const parallelSwitch = document.querySelector(".parallel-switch");

  // --- the other language, at the same place ---------------------------------------------------------------

  const PLACES = "section[id], .equation[id], figure[id], .admonition[id], dt[id]";
  const isGiven = (id) => id && !/^id\d/.test(id); // not counted through by the builder

  /** The id that is the same in both languages: of a section that of its label, which may be the second. */
  function label(node) {
    const labels = node.matches("section")
      ? [...node.querySelectorAll(":scope > span[id]")].map((span) => span.id).filter(isGiven)
      : [];
    return labels.at(-1) ?? node.id;
  }

  /** The last place at or above the top of the screen, as "#id"; "" at the head of the page. */
  function place() {
    const top = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) + 2;
    const isPassed = (node) =>
      node.getClientRects().length && node.getBoundingClientRect().top < top;
    const named = [...article.querySelectorAll(PLACES)].filter((node) => isGiven(label(node)));
    const passed = named.filter(isPassed);
    return scrollY > 100 && passed.length ? "#" + label(passed.at(-1)) : "";
  }

  languageSwitch?.addEventListener("click", () => {
    localStorage.setItem("language", languageSwitch.hreflang);
    languageSwitch.href = languageSwitch.href.split("#")[0] + place();
  });

  // --- both languages side by side --------------------------------------------------------------------------

  const READING = "parallel"; // the name of the hidden frame that reads the other language's page
  const waiting = (on) => document.documentElement.classList.toggle("parallel-waits", on);

  function kind(node) {
    if (node.matches("section, details")) return "nest";
    if (node.matches("span:empty")) return "label";
    if (node.matches("p")) return "text";
    return (
      [".cell", ".equation", "figure", ".interactive"].find((name) => node.matches(name)) ??
      node.tagName
    );
  }

  /** The children of a node; paragraphs that follow each other are one group. */
  function groups(parent) {
    const all = [];
    for (const node of parent.children) {
      const name = kind(node);
      if (name === "text" && all.at(-1)?.name === "text") all.at(-1).nodes.push(node);
      else if (name !== "label") all.push({ name, nodes: [node] });
    }
    return all;
  }

  function column(nodes, lang) {
    const box = document.createElement("div");
    if (lang) box.lang = lang;
    box.append(...nodes);
    return box;
  }

  function pair(own, other) {
    const row = document.createElement("div");
    row.className = "pair";
    own[0].before(row);
    row.append(column(own), column(other, languageSwitch.hreflang));
  }

  /** Set the other language's text beside ours; what is the same in both, code and most equations, stands once. */
  function weave(own, other) {
    const theirs = groups(other);
    for (const [i, { name, nodes }] of groups(own).entries()) {
      const match = theirs[i];
      if (match?.name !== name) return console.error(`no partner for ${name} in`, own);
      const [mine, their] = [nodes[0], match.nodes[0]];
      if (name === "nest") weave(mine, their);
      else if (name === "figure")
        pair([mine.querySelector("figcaption")], [their.querySelector("figcaption")]);
      else if (name === ".cell" || name === ".interactive" || formula(mine) === formula(their))
        continue;
      else pair(nodes, match.nodes);
    }
  }

  const formula = (node) => node.querySelector(":scope > .formula")?.innerHTML ?? node;

  function setSideBySide(html) {
    const opening = document.documentElement.classList.contains("parallel-waits");
    const here = place() || (opening && location.hash);
    const other = new DOMParser().parseFromString(html, "text/html").body;
    other.querySelectorAll("[id]").forEach((node) => node.removeAttribute("id"));
    weave(article, other);
    document.documentElement.classList.add("parallel");
    parallelSwitch.setAttribute("aria-pressed", "true");
    waiting(false);
    if (here) document.getElementById(decodeURIComponent(here.slice(1)))?.scrollIntoView();
  }

  /** A hidden frame with the other page sends its text: this works without a server too. */
  function readOther() {
    const frame = document.createElement("iframe");
    Object.assign(frame, { name: READING, src: languageSwitch.href, hidden: true });
    addEventListener("message", (event) => {
      if (event.source === frame.contentWindow) setSideBySide(event.data);
    });
    document.body.append(frame);
  }

  /** Addresses are set to themselves: one that is read is whole, and leads on from the reader's page too. */
  function sendToReader() {
    for (const link of article.querySelectorAll('a[href]:not([href^="#"])')) link.href = link.href;
    for (const picture of article.querySelectorAll("img")) picture.src = picture.src;
    parent.postMessage(article.innerHTML, "*");
  }

  parallelSwitch?.addEventListener("click", () => {
    if (localStorage.getItem("parallel")) {
      localStorage.removeItem("parallel");
      history.replaceState(null, "", place() || location.pathname);
      location.reload();
    } else {
      localStorage.setItem("parallel", "on");
      readOther();
    }
  });

  if (self !== top && name === READING) sendToReader();
  else if (parallelSwitch && localStorage.getItem("parallel")) {
    readOther();
    setTimeout(waiting, 3000, false);
  } else waiting(false);

  // --- what a link points to ----------------------------------------------------------------------------------

  const SHOWN = ["equation-", "fig-", "term-"]
    .map((start) => `a.internal[href*="#${start}"]`)
    .join();
  const documents = new Map();
  let preview, timer;

  async function target(link) {
    const { hash, pathname, href } = link;
    const id = decodeURIComponent(hash.slice(1));
    if (pathname === location.pathname) return document.getElementById(id);
    const page = href.split("#")[0];
    if (!documents.has(page)) {
      const text = await fetch(page).then((answer) => answer.text());
      documents.set(page, new DOMParser().parseFromString(text, "text/html"));
    }
    return documents.get(page).getElementById(id);
  }

  async function show(link) {
    const node = await target(link).catch(() => null);
    const part = node?.matches("dt")
      ? node.parentNode.querySelector(`#${CSS.escape(node.id)} ~ dd`)
      : node;
    if (!part || (node.querySelector("img") && link.pathname !== location.pathname)) return;
    hide();
    preview = document.createElement("div");
    preview.className = "preview bd-article";
    preview.setAttribute("role", "tooltip");
    preview.innerHTML = part.querySelector(".formula")?.outerHTML ?? part.innerHTML;
    preview.querySelectorAll("[id]").forEach((inner) => inner.removeAttribute("id"));
    preview.addEventListener("mouseenter", () => clearTimeout(timer));
    preview.addEventListener("mouseleave", soon(hide));
    document.body.append(preview);
    const at = link.getBoundingClientRect();
    const left = Math.min(at.left, document.documentElement.clientWidth - preview.offsetWidth - 8);
    const above = at.top > preview.offsetHeight + 8;
    preview.style.left = `${Math.max(8, left) + scrollX}px`;
    preview.style.top = `${(above ? at.top - preview.offsetHeight - 4 : at.bottom + 4) + scrollY}px`;
  }

  function hide() {
    preview?.remove();
    preview = null;
  }

  /** A listener that acts after a moment, unless another does. */
  function soon(action, ...values) {
    return () => {
      clearTimeout(timer);
      timer = setTimeout(action, 200, ...values);
    };
  }

  for (const link of article?.querySelectorAll(SHOWN) ?? []) {
    for (const start of ["mouseenter", "focus"]) link.addEventListener(start, soon(show, link));
    for (const end of ["mouseleave", "blur"]) link.addEventListener(end, soon(hide));
  }
  addEventListener("keydown", (event) => event.key === "Escape" && hide());

  // --- on paper solutions are open ------------------------------------------------------------------------------

  const folded = () => document.querySelectorAll("article details");
  addEventListener("beforeprint", () => {
    for (const box of folded()) {
      box.dataset.open = box.open;
      box.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const box of folded()) box.open = box.dataset.open === "true";
  });
})();
