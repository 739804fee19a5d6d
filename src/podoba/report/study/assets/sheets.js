// Result sheets: one query under every variant; queries drawn at random, the hardest, and the most changed.

const sheetsView = { kind: "random", at: 0 };

section("sheets", (box) => {
  const data = DATA.sheets;
  if (!data.variants.length) { box.append(note("page.nothing_evaluated")); return; }
  const kinds = ["random", "hardest", "changed"].filter((kind) => data[kind].length);
  if (!kinds.includes(sheetsView.kind)) sheetsView.kind = kinds[0];
  box.append(element("p", {}, t("sheets.text")));
  const body = element("div", { id: "sheet" });
  const pick = (at, focus) => {
    sheetsView.at = at;
    refresh();
    if (focus) body.querySelector('[aria-checked="true"].pick').focus();
  };
  const kind = (value, focus) => {
    sheetsView.kind = value;
    sheetsView.at = 0;
    refresh();
    if (focus) body.querySelector('[role="radio"][aria-checked="true"]').focus();
  };
  const refresh = () => {
    const queries = data[sheetsView.kind];
    const query = queries[sheetsView.at];
    const classes = DATA.maps.classes;
    const picks = element("div", { class: "pictures pick-row", role: "radiogroup", "aria-label": t("sheets.queries") }, ...queries.map((one, i) => element("button", {
      type: "button", class: "pick", role: "radio", "aria-checked": String(i === sheetsView.at), tabindex: i === sheetsView.at ? 0 : -1, "data-query": i,
      on: {
        click: () => pick(i, true),
        keydown: (event) => {
          const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
          if (step) { event.preventDefault(); pick((i + step + queries.length) % queries.length, true); }
        },
      },
    }, tile("q-" + one.query, classes[one.label] ?? ""))));
    const rows = data.variants.map((variant, i) => {
      const found = query.found[i];
      const right = found.labels.filter((label) => label === query.label).length;
      return element("div", { class: "sheet", "data-variant": variant.variant },
        element("h4", {}, t("sheets.right", { name: variantName(variant.variant), right, of: found.labels.length, seed: variant.seed })),
        element("div", { class: "pictures" }, ...found.rows.map((row, j) => tile(`g${variant.gallery}-${row}`, classes[found.labels[j]] ?? "", number(found.similarities[j], 3), found.labels[j] < 0 ? null : found.labels[j] === query.label))));
    });
    body.replaceChildren(choice(t("sheets.kind"), kinds.map((key) => [key, t("sheets." + key)]), sheetsView.kind, kind), picks, ...rows);
  };
  refresh();
  box.append(body, note("sheets.note"));
});
