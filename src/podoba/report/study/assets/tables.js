// Tables in the words of the page, and the first section.

/** A table of the data; what its columns mean is in the catalogue under `quantity.<key>`. */
function table(spec, caption) {
  return sortableTable(spec, {
    caption, number, say: words, language: view.language, csv: t("table.csv"), meanings: t("table.meanings"),
    heading: (column) => column.title ?? t("column." + column.key),
    meaning: (column) => TEXTS[view.language]["quantity." + column.key],
    hint: (value, digits) => value.h === null ? t("table.one") : t("table.interval", { low: number(value.l, digits), high: number(value.h, digits), n: value.n }),
  });
}

section("results", (box) => {
  const all = DATA.tables;
  box.append(element("p", {}, t("results.text")));
  if (all.results.rows.length) box.append(table(all.results, t("results.caption")));
  if (all.unfinished.rows.length) box.append(element("p", { class: "warning" }, t("results.unfinished")), table(all.unfinished, t("results.unfinished_caption")));
  if (DATA.published.tables.length) {
    box.append(element("h3", {}, words(DATA.published.heading)), element("p", {}, words(DATA.published.note)));
    for (const { caption, table: spec } of DATA.published.tables) box.append(table(spec, caption));
  }
});
