// How to run the study again.

section("repeat", (box) => {
  const data = DATA.repeat;
  const plain = (name, keys, rows) => ({ name, columns: keys.map((key) => ({ key })), rows, row_digits: [] });
  const facts = (rows) => element("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  box.append(element("p", {}, t("repeat.text")), element("h3", {}, t("repeat.commands")), element("pre", { tabindex: 0 }, data.commands.join("\n")));
  box.append(element("h3", {}, t("repeat.plan")), element("pre", { tabindex: 0 }, data.plan));
  box.append(element("h3", {}, t("repeat.machine")), facts([[t("repeat.seeds"), data.seeds.join(", ")], ...Object.entries(data.machine).map(([key, value]) => [t("repeat." + key), value])]));
  box.append(table(plain("versions", ["package", "version"], Object.entries(data.packages)), t("repeat.versions")));
  const cells = DATA.variants.flatMap((variant) => variant.cells.map((one) => [variant.name, one.seed, { t: "status." + one.status }, one.key]));
  box.append(table(plain("trainings", ["variant", "seed", "status", "cell"], cells), t("repeat.cells")));
});
