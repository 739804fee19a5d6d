// What the augmentations of the plan do to images.

section("samples", (box) => {
  if (!DATA.samples.length) { box.append(DATA.samples_drawn ? note("samples.none") : note("samples.no_torch")); return; }
  box.append(element("p", {}, t("samples.text")));
  for (const one of DATA.samples) {
    const grid = element("div", { class: "samples" });
    one.columns.forEach((_, i) => grid.append(element("div", { class: "head" }, i ? t("samples.sample", { n: i }) : t("samples.original"))));
    for (let row = 0; row < one.columns[0].length; row++) one.columns.forEach((column, i) => grid.append(element("img", { src: column[row], alt: i ? t("samples.sample", { n: i }) : t("samples.original") })));
    box.append(element("figure", {}, element("figcaption", {}, one.caption), grid));
  }
});
