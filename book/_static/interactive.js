// The interactive figures: <loss-figure kind="...">, written into a page by the directive `interactive`.
// Each kind takes the values of its sliders, draws, and returns the numbers to be shown.
(() => {
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const clip = (x, low, high) => Math.max(low, Math.min(x, high));
  const xlogy = (x, y) => (x === 0 ? 0 : x * Math.log(y));
  const grid = (low, high, n = 200) =>
    Array.from({ length: n + 1 }, (_, i) => low + ((high - low) * i) / n);

  // Entropy, the tangent to it at q, and the gap between them at p.
  function bernoulli(plot, { p, q }) {
    const crossEntropy = (p, q) => -xlogy(p, q) - xlogy(1 - p, 1 - q);
    const entropy = (p) => crossEntropy(p, p);
    const kl = (p, q) => xlogy(p, p / q) + xlogy(1 - p, (1 - p) / (1 - q));

    const panel = plot.panel({
      x: [0, 1, 0.2],
      y: [0, 1.6, 0.4],
      xlabel: "p",
      ylabel: "nat",
      drag: "p",
    });
    panel.line(
      "a",
      grid(0, 1).map((x) => [x, entropy(x)]),
    );
    panel.line("b", [
      [0, crossEntropy(0, q)],
      [1, crossEntropy(1, q)],
    ]);
    panel.line("c", [
      [p, entropy(p)],
      [p, crossEntropy(p, q)],
    ]);
    panel.dot("a", [q, entropy(q)]);
    panel.dot("c", [p, entropy(p)]);
    panel.dot("c", [p, crossEntropy(p, q)]);
    return {
      entropy: entropy(p),
      "cross-entropy": crossEntropy(p, q),
      kl: kl(p, q),
      reverse: kl(q, p),
    };
  }

  // Three logits, their softmax beside the one-hot label, and the gradient of the cross-entropy.
  function softmax(plot, { z1, z2, z3, factor, y }) {
    const z = [z1, z2, z3].map((score) => factor * score);
    const m = Math.max(...z);
    const lse = m + Math.log(sum(z.map((z) => Math.exp(z - m))));
    const q = z.map((z) => Math.exp(z - lse));
    const oneHot = z.map((_, k) => Number(k + 1 === y));
    const gradient = q.map((q, k) => q - oneHot[k]);

    const classes = oneHot.map((right, k) => (right ? `y = ${k + 1}` : `${k + 1}`));
    const left = plot.panel({ to: 0.5, classes, y: [0, 1, 0.5], xlabel: "k", ylabel: "q" });
    const right = plot.panel({ from: 0.5, classes, y: [-1, 1, 0.5], xlabel: "k", ylabel: "∂ℓ/∂z" });
    oneHot.forEach((target, k) => left.bar("target", k, target));
    q.forEach((q, k) => left.bar("a", k, q));
    gradient.forEach((slope, k) => right.bar("b", k, slope));
    const numbered = (name, values) => values.map((value, k) => [name + (k + 1), value]);
    return {
      loss: lse - z[y - 1],
      ...Object.fromEntries([...numbered("z", z), ...numbered("q", q), ...numbered("g", gradient)]),
    };
  }

  // What each point pulls with under three losses; a constant is fitted where the pulls balance.
  function huber(plot, { outlier, delta }, data) {
    const y = [...data, outlier].sort((a, b) => a - b);
    const clipped = (error) => clip(error, -delta, delta);
    const mean = sum(y) / y.length;
    const median = y[(y.length - 1) / 2]; // an odd number of points
    let [low, high] = [y[0], y.at(-1)];
    for (let halved = 0; halved < 60; halved++) {
      const middle = (low + high) / 2;
      if (sum(y.map((y) => clipped(y - middle))) > 0) low = middle;
      else high = middle;
    }
    const balance = low;

    const panel = plot.panel({
      x: [-13, 13, 4],
      y: [-8, 8, 4],
      xlabel: "y",
      ylabel: "−∂ℓ/∂ŷ",
      drag: "outlier",
    });
    panel.line("a", [
      [-13, -13 - mean],
      [13, 13 - mean],
    ]);
    panel.line("b", [
      [-13, -1],
      [median, -1],
      [median, 1],
      [13, 1],
    ]);
    panel.line("c", [
      [-13, -delta],
      [balance - delta, -delta],
      [balance + delta, delta],
      [13, delta],
    ]);
    [
      ["a", mean],
      ["b", median],
      ["c", balance],
    ].forEach(([kind, y]) =>
      panel.line(`${kind} fitted`, [
        [y, 0],
        [y, -8],
      ]),
    );
    data.forEach((y) => panel.dot("point", [y, 0]));
    panel.dot("outlier", [outlier, 0], 6);
    return {
      squared: mean,
      absolute: median,
      huber: balance,
      "squared-pull": outlier - mean,
      "absolute-pull": Math.sign(outlier - median),
      "huber-pull": clipped(outlier - balance),
    };
  }

  const kinds = { bernoulli, softmax, huber };

  const minus = (text) => String(text).replace("-", "−");
  const shown = (x) =>
    Math.abs(x) === Infinity ? "∞" : minus(x.toFixed(4).replace(/^-(0\.0+)$/, "$1"));
  const ticks = ([low, high, step]) =>
    grid(0, 40, 40)
      .map((n) => (n - 20) * step)
      .filter((x) => low <= x && x <= high);

  // Draws in the pixels of the page, so that letters keep their size on a phone.
  class Plot {
    constructor(svg) {
      ({ width: this.width, height: this.height } = svg.getBoundingClientRect());
      this.parts = [];
    }

    panel({ from = 0, to = 1, x, classes, y, xlabel, ylabel, drag }) {
      const [left, top] = [from * this.width + 40, 22];
      const [width, height] = [(to - from) * this.width - 52, this.height - 62];
      const scale =
        ([low, high], length) =>
        (value) =>
          clip((value - low) / (high - low), -1e4, 1e4) * length;
      const across = scale(x ?? [-0.5, classes.length - 0.5], width);
      const up = scale(y, height);
      const at = ([x, y]) => `${across(x).toFixed(2)},${(height - up(y)).toFixed(2)}`;
      const marks = [];
      const labels = x
        ? ticks(x).map((x) => [x, minus(+x.toFixed(2))])
        : classes.map((name, k) => [k, name]);
      this.parts.push(
        () => `
        <g transform="translate(${left},${top})">
          ${ticks(y)
            .map(
              (y) => `<path class="grid" d="M${at([0, y]).replace(/^.*,/, "0,")}h${width}"/>
            <text x="-6" y="${height - up(y)}" dy="0.35em" text-anchor="end">${minus(+y.toFixed(2))}</text>`,
            )
            .join("")}
          ${labels.map(([x, name]) => `<text x="${across(x)}" y="${height + 16}" text-anchor="middle">${name}</text>`).join("")}
          <text class="title" x="${width / 2}" y="${height + 34}" text-anchor="middle">${xlabel}</text>
          <text class="title" x="-34" y="-10">${ylabel}</text>
          <svg width="${width}" height="${height}">${marks.join("")}</svg>
          <path class="axis" d="M0,0v${height}M0,${height - up(Math.max(0, y[0]))}h${width}"/>
        </g>`,
      );
      if (drag) this.drag = [drag, (pixel) => x[0] + ((pixel - left) / width) * (x[1] - x[0])];
      return {
        line: (kind, points) =>
          marks.push(`<path class="line ${kind}" d="M${points.map(at).join("L")}"/>`),
        dot: (kind, point, r = 4) =>
          marks.push(`<circle class="dot ${kind}" r="${r}" transform="translate(${at(point)})"/>`),
        bar: (kind, k, value) =>
          marks.push(
            `<path class="bar ${kind}" d="M${at([k - 0.35, 0])}L${at([k - 0.35, value])}L${at([k + 0.35, value])}L${at([k + 0.35, 0])}z"/>`,
          ),
      };
    }
  }

  class LossFigure extends HTMLElement {
    connectedCallback() {
      this.svg = this.querySelector("svg");
      this.sliders = [...this.querySelectorAll("input")];
      this.addEventListener("input", () => this.draw());
      this.addEventListener("focusin", () => this.speak(), { once: true });
      for (const type of ["pointerdown", "pointermove"])
        this.svg.addEventListener(type, (event) => this.move(event));
      new ResizeObserver(() => this.draw()).observe(this.svg);
    }

    draw() {
      const values = {};
      for (const slider of this.sliders) {
        const isPower = slider.dataset.scale === "log2";
        const value = (values[slider.dataset.name] = isPower
          ? 2 ** slider.value
          : Number(slider.value));
        const decimals = isPower ? 4 : (slider.step.split(".")[1] ?? "").length;
        slider.parentNode.nextElementSibling.value = slider.ariaValueText = minus(
          value.toFixed(decimals),
        );
      }
      this.plot = new Plot(this.svg);
      if (!this.plot.width) return;
      const points = this.dataset.points.split(" ").map(Number);
      const numbers = kinds[this.getAttribute("kind")](this.plot, values, points);
      for (const slot of this.querySelectorAll("[data-value]"))
        slot.textContent = shown(numbers[slot.dataset.value]);
      this.svg.innerHTML = this.plot.parts.map((part) => part()).join("");
    }

    // A drag in the picture moves the slider of its horizontal axis.
    move(event) {
      if (!event.buttons || !this.plot.drag) return;
      const [name, invert] = this.plot.drag;
      const slider = this.sliders.find((slider) => slider.dataset.name === name);
      slider.value = invert(event.clientX - this.svg.getBoundingClientRect().left);
      this.draw();
    }

    // From the first use on, what changes is read out: the list of numbers, or else the rows of the table.
    speak() {
      const region = this.querySelector("ul") ?? this.querySelector("tbody");
      region.ariaLive = "polite";
      for (const row of region.children) row.ariaAtomic = "true";
    }
  }

  customElements.define("loss-figure", LossFigure);
})();
