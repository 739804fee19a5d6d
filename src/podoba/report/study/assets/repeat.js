// How to run the study again.

section("repeat", (box) => {
  const data = DATA.repeat;
  const facts = (rows) => element("div", { class: "scroll" }, element("table", { class: "facts" }, element("tbody", {}, ...rows.map(([name, value]) => element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value))))));
  box.append(element("p", {}, t("repeat.text")), element("h3", {}, t("repeat.commands")), element("pre", { tabindex: 0 }, data.commands.join("\n")));
  box.append(element("h3", {}, t("repeat.plan")), element("pre", { tabindex: 0 }, data.plan));
  box.append(element("h3", {}, t("repeat.machine")), facts([[t("repeat.seeds"), data.seeds.join(", ")], ...Object.entries(data.machine).map(([key, value]) => [t("repeat." + key), value])]));
  box.append(element("h3", {}, t("repeat.versions")), facts(Object.entries(data.packages)));
  box.append(element("details", {}, element("summary", {}, t("repeat.cells", { n: data.cells.length })), facts(data.cells.map((cell) => [cell.key, `${cell.variant}, ${t("column.seed").toLocaleLowerCase(view.language)} ${cell.seed}: ${t("status." + cell.status)}`]))));
});
