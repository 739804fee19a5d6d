// UMAP maps side by side: the same images in each; the one pointed at is shown, and marked on every map.

const mapsView = { on: null, classes: null, at: null };
const FINENESS = 1000;

section("maps", (box) => {
  const data = DATA.maps;
  if (!data.maps.length) { box.append(note("page.nothing_evaluated")); return; }
  mapsView.on ??= new Set(data.maps.map((_, i) => i).slice(0, data.maps.length <= 6 ? 6 : 4));
  mapsView.classes ??= new Set();
  box.append(element("p", {}, t("maps.text", { n: data.rows.length })));
  const grid = element("div", { class: "maps" });
  const redraws = [];
  const mark = (i, x, y) => {
    mapsView.at = i;
    redraws.forEach((draw) => draw());
    if (i === null) { untip(); return; }
    const uri = DATA.pictures["q-" + data.rows[i]];
    tip(x, y, uri ? element("img", { src: uri, alt: "" }) : "", data.classes[data.labels[i]]);
  };
  const refresh = () => {
    redraws.length = 0;
    grid.replaceChildren(...data.maps.map((map, i) => (mapsView.on.has(i) ? oneMap(data, map, redraws, mark) : null)).filter(Boolean));
    redraws.forEach((draw) => draw());
  };
  const chips = element("div", { class: "tools", role: "group", "aria-label": t("maps.variants") }, element("span", { class: "label" }, t("maps.variants")));
  data.maps.forEach((map, i) => chips.append(toggle(variantName(map.variant), mapsView.on.has(i), (event) => {
    mapsView.on.has(i) ? mapsView.on.delete(i) : mapsView.on.add(i);
    event.currentTarget.setAttribute("aria-pressed", String(mapsView.on.has(i)));
    refresh();
  }, { class: "chip", "data-map": i })));
  const legend = element("div", { class: "tools legend", role: "group", "aria-label": t("maps.classes") }, element("span", { class: "label" }, t("maps.classes")));
  const present = [...new Set(data.labels)].sort((a, b) => a - b);
  if (present.length <= 40) {
    for (const label of present) legend.append(toggle(element("span", { class: "chip" }, classSign(label), data.classes[label]), mapsView.classes.has(label), (event) => {
      mapsView.classes.has(label) ? mapsView.classes.delete(label) : mapsView.classes.add(label);
      event.currentTarget.setAttribute("aria-pressed", String(mapsView.classes.has(label)));
      redraws.forEach((draw) => draw());
    }, { "data-class": label }));
  } else legend.append(note("maps.many", { n: present.length }));
  box.append(chips, legend, grid, note("maps.note"));
  refresh();
  requestAnimationFrame(() => redraws.forEach((draw) => draw()));
  box.append(table(DATA.tables.separation, t("maps.separation")), note("maps.definitions"));
});

function classSign(label) {
  const canvas = element("canvas", { width: 28, height: 28, style: { width: "14px", height: "14px" }, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  context.fillStyle = colour("--c" + (label % COLOURS));
  sign(context, Math.floor(label / COLOURS) % SHAPES, 14, 14, 9);
  context.fill();
  return canvas;
}

function oneMap(data, map, redraws, mark) {
  const side = 560, edge = 14;
  const canvas = element("canvas", { width: side, height: side, tabindex: 0, role: "img", "aria-label": t("maps.label", { name: variantName(map.variant) }), "data-variant": map.variant });
  const context = canvas.getContext("2d");
  const x = (i) => edge + (map.points[2 * i] / FINENESS) * (side - 2 * edge);
  const y = (i) => edge + (1 - map.points[2 * i + 1] / FINENESS) * (side - 2 * edge);
  const size = Math.max(2.4, Math.min(6, 200 / Math.sqrt(data.rows.length)));
  redraws.push(() => {
    context.clearRect(0, 0, side, side);
    const chosen = mapsView.classes;
    const colours = Array.from({ length: COLOURS }, (_, i) => colour("--c" + i)); // read once: it is slow
    data.labels.forEach((label, i) => {
      context.globalAlpha = chosen.size && !chosen.has(label) ? 0.08 : 0.75;
      context.fillStyle = colours[label % COLOURS];
      sign(context, Math.floor(label / COLOURS) % SHAPES, x(i), y(i), size);
      context.fill();
    });
    context.globalAlpha = 1;
    if (mapsView.at !== null) {
      context.strokeStyle = colour("--ink");
      context.lineWidth = 3;
      context.beginPath();
      context.arc(x(mapsView.at), y(mapsView.at), 12, 0, 2 * Math.PI);
      context.stroke();
    }
  });
  const screen = (i) => {
    const area = canvas.getBoundingClientRect();
    return [area.left + (x(i) / side) * area.width, area.top + (y(i) / side) * area.height];
  };
  canvas.addEventListener("pointermove", (event) => {
    const area = canvas.getBoundingClientRect();
    const [px, py] = [((event.clientX - area.left) / area.width) * side, ((event.clientY - area.top) / area.height) * side];
    let best = null, least = 22 ** 2;
    for (let i = 0; i < data.rows.length; i++) {
      const far = (x(i) - px) ** 2 + (y(i) - py) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    if (best !== mapsView.at || best !== null) mark(best, event.clientX, event.clientY);
  });
  canvas.addEventListener("pointerleave", () => mark(null));
  canvas.addEventListener("blur", () => mark(null));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const i = ((mapsView.at ?? (step > 0 ? -1 : 0)) + step + data.rows.length) % data.rows.length;
      mark(i, ...screen(i));
    } else if (event.key === "Escape") mark(null);
  });
  const numbers = element("dl", { class: "numbers" });
  for (const [key, value] of Object.entries(map.numbers)) numbers.append(element("dt", { title: t("quantity." + key) }, t("column." + key)), element("dd", {}, number(value, 3)));
  return element("div", { class: "map" }, element("h3", {}, variantName(map.variant)), canvas, numbers, note("maps.seed", { seed: map.seed }));
}
