// What a reader must know before believing the numbers.

section("caveats", (box) => {
  const data = DATA.caveats, overlap = data.overlap;
  box.append(element("h3", {}, t("caveats.overlap")));
  if (!overlap.known) box.append(element("p", { class: "warning" }, t("caveats.unknown")));
  else {
    const sentence = !overlap.overlapping ? "caveats.clean" : overlap.too_alike ? "caveats.too_alike" : "caveats.overlapping";
    box.append(element("p", {}, t(sentence, { ...overlap, share: number(100 * overlap.share, 2) })));
    box.append(note("caveats.how", { ...overlap, correlation: number(overlap.correlation, 2) }));
    if (overlap.overlapping) box.append(table(DATA.tables.without_overlap, t("caveats.without")));
    if (overlap.pairs.length) {
      box.append(element("details", {}, element("summary", {}, t("caveats.pairs", { n: overlap.pairs.length })), element("div", { class: "pictures" }, ...overlap.pairs.map((pair) =>
        element("div", { class: "pictures" }, tile("q-" + pair.query, t("caveats.test")), tile(`g${overlap.gallery}-${pair.gallery}`, t("caveats.training"), number(pair.correlation, 3), pair.same_class ? null : false))))));
    }
  }
  const list = (key, items) => { if (items.length) box.append(element("h3", {}, t(key)), element("ul", {}, ...items.map((text) => element("li", {}, text)))); };
  list("caveats.classes_title", data.classes ? [words(data.classes)] : []);
  list("caveats.validation_title", data.validation.map(words));
  list("caveats.selection_title", data.selection.map(words));
  list("caveats.spread_title", [t("caveats.spread")]);
  list("caveats.notes_title", data.notes);
});
