// What a reader must know before believing the numbers.

section("honesty", (box) => {
  const data = DATA.honesty, found = data.duplicates;
  box.append(element("h3", {}, t("honesty.duplicates")));
  if (!found.known) box.append(element("p", { class: "warning" }, t("honesty.unknown")));
  else {
    box.append(element("p", {}, t(!found.found ? "honesty.clean" : found.too_alike ? "honesty.too_alike" : "honesty.found", { ...found, share: number(100 * found.share, 2) })), note("honesty.how", { ...found, likeness: number(found.likeness, 2) }));
    if (found.found) box.append(table(DATA.tables.without_duplicates, t("honesty.without")));
    if (found.pairs.length) {
      box.append(element("details", {}, element("summary", {}, t("honesty.pairs", { n: found.pairs.length })), element("div", { class: "pictures" }, ...found.pairs.map((pair) =>
        element("div", { class: "pictures" }, tile("q-" + pair.query, t("honesty.test")), tile(`g${found.gallery}-${pair.gallery}`, t("honesty.training"), number(pair.correlation, 3), pair.same_class ? null : false))))));
    }
  }
  const list = (key, items) => { if (items.length) box.append(element("h3", {}, t(key)), element("ul", {}, ...items.map((text) => element("li", {}, text)))); };
  list("honesty.classes_title", data.classes ? [words(data.classes)] : []);
  list("honesty.validation_title", data.validation.map(words));
  list("honesty.looked_at_title", data.looked_at.map(words));
  list("honesty.spread_title", [t("honesty.spread")]);
  list("honesty.notes_title", data.notes);
});
