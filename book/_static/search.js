// Search: Pagefind's index of this language, in the theme's dialog (Ctrl+K) and on the search page.
(() => {
  const root = new URL(document.documentElement.dataset.content_root, location);
  const say = document.documentElement.lang.startsWith("zh")
    ? {
        none: "没有找到",
        found: (n) => `找到 ${n} 页`,
        broken: "搜索要从服务器打开本书，例如运行 make serve。",
      }
    : {
        none: "Nothing found",
        found: (n) => `${n} page${n > 1 ? "s" : ""} found`,
        broken: "Search needs the book to come from a server, for example by make serve.",
      };
  const SHOWN = 8;
  const SECTIONS = 3;
  let loading;

  async function start() {
    const pagefind = await import(new URL("pagefind/pagefind.js", root));
    await pagefind.options({ ranking: { metaWeights: { title: 8, names: 5 } } });
    await pagefind.init();
    return pagefind;
  }

  const load = () => (loading ??= start());

  // All words; where no page has them all, the pages that have most.
  async function search(query) {
    const pagefind = await load();
    const { results } = await pagefind.search(query);
    const words = query.split(/\s+/);
    if (results.length || words.length < 2) return results;
    const found = new Map();
    for (const word of words)
      for (const result of (await pagefind.search(word)).results) {
        const { score } = found.get(result.id) ?? { score: 0 };
        found.set(result.id, { ...result, score: score + 1 + result.score / 1e3 });
      }
    return [...found.values()].sort((a, b) => b.score - a.score);
  }

  async function find(query) {
    const results = await search(query);
    const pages = await Promise.all(results.slice(0, SHOWN).map((result) => result.data()));
    const named = (page) =>
      (page.meta.names ?? "").toLowerCase().split(" | ").includes(plain(query));
    return {
      pages: [...pages.filter(named), ...pages.filter((page) => !named(page))],
      count: results.length,
    };
  }

  const plain = (query) => query.toLowerCase().replaceAll("-", " ");

  const address = (url) => new URL(url, location).href; // Pagefind knows the path of the site
  const element = (name, html, attributes = {}) =>
    Object.assign(document.createElement(name), { innerHTML: html }, attributes);

  // A page, and of its sections those whose title has the words, or that say them most.
  function row({ url, meta, excerpt, sub_results }, words) {
    const item = element("li", "");
    item.append(element("a", meta.title, { href: address(url) }), element("p", excerpt));
    const said = (part) =>
      part.weighted_locations.reduce((total, { balanced_score }) => total + balanced_score, 0);
    const named = (part) => words.filter((word) => part.title.toLowerCase().includes(word)).length;
    const sections = sub_results
      .filter((part) => part.anchor)
      .sort((a, b) => named(b) - named(a) || said(b) - said(a))
      .slice(0, SECTIONS);
    if (sections.length) {
      const list = element("ul", "");
      list.append(
        ...sections.map((part) => {
          const line = element("li", "");
          line.append(element("a", part.title, { href: address(part.url) }));
          return line;
        }),
      );
      item.append(list);
    }
    return item;
  }

  function attach(form) {
    const field = form.querySelector("input");
    const status = element("p", "", { className: "search-status", role: "status" });
    const list = element("ol", "", { className: "search-results" });
    form.after(status, list);
    let last = "";

    async function show() {
      const query = (last = field.value.trim());
      if (!query) {
        list.replaceChildren();
        status.textContent = "";
        return;
      }
      try {
        const { pages, count } = await find(query);
        if (query !== last) return;
        const words = query.toLowerCase().split(/\s+/);
        list.replaceChildren(...pages.map((page) => row(page, words)));
        status.textContent = count ? say.found(count) : say.none;
      } catch (error) {
        status.textContent = say.broken;
        loading = undefined;
      }
    }

    const move = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const stops = [field, ...list.querySelectorAll("a")];
      const next = step && stops[stops.indexOf(document.activeElement) + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    };
    field.addEventListener("input", show);
    field.addEventListener("focus", () => load().catch(() => {}), { once: true });
    for (const box of [form, list]) box.addEventListener("keydown", move);
    return (query) => {
      field.value = query;
      show();
    };
  }

  const forms = [...document.querySelectorAll("form.bd-search")].map((form) => [
    form,
    attach(form),
  ]);
  const asked = new URLSearchParams(location.search).get("q");
  for (const [form, ask] of forms)
    if (form.closest(".search-page")) {
      form.querySelector("input").focus();
      if (asked) ask(asked);
    }
})();
