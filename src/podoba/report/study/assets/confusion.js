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
  for (const [row, column] of worst) quick.append(element("button", { type: "button", "data-entry": `${row},${column}`, on: { click: () => choose(row, column) } }, `${data.classes[row]} → ${data.classes[column]}`));
  box.append(worst.length ? quick : "", sides, note("confusion.note"), details);
  if (!confusionView.entry && worst.length) confusionView.entry = worst[0];
  refresh();
});

function matrix(data, which, choose, refresh) {
  const chosen = data.matrices[confusionView.sides[which]];
  const n = data.classes.length;
  const picture = confusionMatrix({
    classes: data.classes, shares: chosen.shares.map((share) => share / 1000), number, choose,
    label: t("confusion.label", { name: variantName(chosen.variant) }),
    facts: { side: which },
    chosen: () => confusionView.entry,
    describe: (row, column) => t("confusion.share", {
      query: data.classes[row], retrieved: data.classes[column], share: number((chosen.shares[row * n + column] ?? 0) / 10, 1),
    }),
  });
  return element("div", { class: "matrix" },
    variantList(t(which ? "confusion.right" : "confusion.left"), data.matrices.map((one) => one.variant), confusionView.sides[which], (place) => {
      confusionView.sides[which] = place;
      refresh();
      document.querySelectorAll("#confusion select")[which].focus();
    }), picture);
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
