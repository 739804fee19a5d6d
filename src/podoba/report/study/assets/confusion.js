// Retrieval confusion matrices side by side; a click on an entry lists its queries and wrong results for both.

const LISTED = 8;
const confusionView = { sides: null, entry: null };

section("confusion", (box) => {
  const data = DATA.confusion;
  if (!data.matrices.length) { box.append(note("page.nothing_evaluated")); return; }
  const loss = (side) => DATA.variants[data.matrices[side].variant].loss;
  // At first the two that differ most in kind: the first variant, and the first one of another loss.
  const other = data.matrices.findIndex((_, side) => loss(side) !== loss(0));
  confusionView.sides ??= [0, other > 0 ? other : Math.min(1, data.matrices.length - 1)];
  box.append(element("p", {}, t("confusion.text")));
  if (data.classes.length < data.all_classes) box.append(note("confusion.some", { shown: data.classes.length, all: data.all_classes }));
  const sides = element("div", { class: "sides" });
  const details = element("div", { id: "entry", "aria-live": "polite" });
  const choose = (row, column) => {
    confusionView.entry = [row, column];
    sides.querySelectorAll("rect.chosen").forEach((rect) => rect.classList.remove("chosen"));
    sides.querySelectorAll(`rect[data-row="${row}"][data-column="${column}"]`).forEach((rect) => rect.classList.add("chosen"));
    details.replaceChildren(...entryDetails(data, row, column));
  };
  const refresh = () => {
    sides.replaceChildren(...[0, 1].map((which) => matrix(data, which, choose, refresh)));
    if (confusionView.entry) choose(...confusionView.entry);
  };
  const worst = Object.keys(data.entries).slice(0, 8).map((key) => key.split(",").map(Number));
  const quick = element("div", { class: "tools", role: "group", "aria-label": t("confusion.worst") }, element("span", { class: "label" }, t("confusion.worst")));
  for (const [row, column] of worst) quick.append(element("button", { type: "button", "data-entry": `${row},${column}`, onclick: () => choose(row, column) }, `${data.classes[row]} → ${data.classes[column]}`));
  box.append(worst.length ? quick : "", sides, note("confusion.note"), details);
  if (!confusionView.entry && worst.length) confusionView.entry = worst[0];
  refresh();
});

function matrix(data, which, choose, refresh) {
  const chosen = data.matrices[confusionView.sides[which]];
  const n = data.classes.length;
  const named = n <= 40;
  const longest = Math.max(...data.classes.map((name) => Math.min(name.length, 18)));
  const size = Math.max(7, Math.min(38, 420 / n));
  const font = Math.min(12, size * 0.85);
  const margin = named ? Math.max(34, longest * font * 0.62 + 8) : 12;
  const side = margin + n * size + 2;
  const made = drawn("svg", {
    viewBox: `0 0 ${side} ${side}`, style: `max-width:${Math.round(1.35 * side)}px`, tabindex: 0, role: "img", "data-side": which,
    "aria-label": t("confusion.label", { name: variantName(chosen.variant) }),
  });
  const short = (name) => (name.length > 18 ? name.slice(0, 17) + "…" : name);
  for (let row = 0; row < n; row++) {
    if (named) {
      const at = margin + (row + 0.5) * size;
      made.append(drawn("text", { x: margin - 5, y: at + font * 0.35, "text-anchor": "end", style: `font-size:${font}px` }, short(data.classes[row])),
        drawn("text", { x: at + font * 0.35, y: margin - 5, transform: `rotate(-90 ${at + font * 0.35} ${margin - 5})`, style: `font-size:${font}px` }, short(data.classes[row])));
    }
    for (let column = 0; column < n; column++) {
      const share = (chosen.shares[row * n + column] ?? 0) / 1000;
      const depth = Math.sqrt(share); // shares of errors are small: the square root lets them be seen
      const rect = drawn("rect", {
        x: margin + column * size, y: margin + row * size, width: size, height: size, "data-row": row, "data-column": column,
        style: `fill:rgba(var(--heat),${depth.toFixed(3)})`,
      });
      made.append(rect);
      if (n <= 14 && share >= 0.0005) made.append(drawn("text", {
        class: "share", x: margin + (column + 0.5) * size, y: margin + (row + 0.5) * size + 4, "text-anchor": "middle",
        style: `fill:var(${depth > 0.85 ? "--heat-top" : "--heat-ink"})`,
      }, number(100 * share, share < 0.0995 ? 1 : 0)));
    }
  }
  const shareOf = (rect) => t("confusion.share", {
    query: data.classes[rect.dataset.row], retrieved: data.classes[rect.dataset.column],
    share: number((chosen.shares[rect.dataset.row * n + Number(rect.dataset.column)] ?? 0) / 10, 1),
  });
  made.addEventListener("click", (event) => { if (event.target.dataset.row) choose(Number(event.target.dataset.row), Number(event.target.dataset.column)); });
  made.addEventListener("pointermove", (event) => (event.target.dataset.row ? tip(event.clientX, event.clientY, shareOf(event.target)) : untip()));
  made.addEventListener("pointerleave", untip);
  made.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = confusionView.entry ?? [0, 0];
    choose(Math.max(0, Math.min(n - 1, row + step[0])), Math.max(0, Math.min(n - 1, column + step[1])));
  });
  return element("div", { class: "matrix" },
    variantList(t(which ? "confusion.right" : "confusion.left"), data.matrices.map((one) => one.variant), confusionView.sides[which], (place) => {
      confusionView.sides[which] = place;
      refresh();
      document.querySelectorAll("#confusion select")[which].focus();
    }), made);
}

function entryDetails(data, row, column) {
  const [left, right] = confusionView.sides.map((side) => data.matrices[side]);
  const n = data.classes.length;
  const share = (side) => number((side.shares[row * n + column] ?? 0) / 10, 1);
  const title = element("h3", {}, t("confusion.entry", { query: data.classes[row], retrieved: data.classes[column] }));
  const shares = element("p", {}, t("confusion.shares", { left: variantName(left.variant), left_share: share(left), right: variantName(right.variant), right_share: share(right) }));
  if (row === column) return [title, shares, note("confusion.diagonal")];
  const entry = data.entries[row + "," + column];
  if (!entry) return [title, shares, note("confusion.no_pictures")];
  const [one, other] = confusionView.sides;
  const listed = entry.filter((query) => query.counts[one] + query.counts[other]).slice(0, LISTED);
  listed.sort((a, b) => b.counts[one] + b.counts[other] - a.counts[one] - a.counts[other]);
  if (!listed.length) return [title, shares, note("confusion.no_pictures")];
  return [title, shares, note("confusion.listed", { n: listed.length, left: left.seed, right: right.seed }), ...listed.map((query) => element("div", { class: "entry" },
    tile("q-" + query.query, data.classes[row], t("sheets.query")),
    ...confusionView.sides.map((side) => element("div", {},
      element("h4", {}, t("confusion.found", { name: variantName(data.matrices[side].variant), n: query.counts[side] })),
      query.found[side].length
        ? element("div", { class: "pictures" }, ...query.found[side].map((found) => tile(`g${data.matrices[side].gallery}-${found}`, data.classes[column], "", false)))
        : note("confusion.none_here")))))];
}
