// Learning curves of all cells in one chart; variants and losses are switched; a cursor reads the numbers of an epoch.

const curvesView = { on: new Set(DATA.variants.keys()), training: true, validation: true, log: false, epoch: null };

section("curves", (box) => {
  const lines = DATA.curves;
  if (!lines.length) { box.append(note("curves.none")); return; }
  box.append(element("p", {}, t("curves.text")));
  const chips = element("div", { class: "tools legend", role: "group", "aria-label": t("curves.variants") });
  const holder = element("div", {});
  let width = 0;
  const refresh = () => {
    width = holder.clientWidth || box.clientWidth;
    holder.replaceChildren(curvesChart(lines, width));
  };
  new ResizeObserver(() => { if (Math.abs(holder.clientWidth - width) > 20) refresh(); }).observe(holder); // the chart fills the width
  const present = [...new Set(lines.map((line) => line.variant))];
  const chip = (place) => toggle(element("span", { class: "chip" }, swatch(place), variantName(place)), curvesView.on.has(place), (event) => {
    curvesView.on.has(place) ? curvesView.on.delete(place) : curvesView.on.add(place);
    event.currentTarget.setAttribute("aria-pressed", String(curvesView.on.has(place)));
    refresh();
  }, { class: "chip", "data-variant": place });
  const only = (places) => () => {
    curvesView.on = new Set(places);
    chips.querySelectorAll("[data-variant]").forEach((button) => button.setAttribute("aria-pressed", String(curvesView.on.has(Number(button.dataset.variant)))));
    refresh();
  };
  chips.append(...present.map(chip),
    element("button", { type: "button", on: { click: only(present) } }, t("page.all")), element("button", { type: "button", on: { click: only([]) } }, t("page.none")));
  // Different losses have different scales: each can be shown alone.
  const losses = [...new Set(present.map((place) => DATA.variants[place].loss))];
  if (losses.length > 1) losses.forEach((loss) => chips.append(element("button", { type: "button", "data-only": loss, on: { click: only(present.filter((place) => DATA.variants[place].loss === loss)) } }, t("curves.only", { loss }))));
  const kinds = element("div", { class: "tools", role: "group", "aria-label": t("curves.losses") });
  for (const key of ["training", "validation", "log"]) {
    kinds.append(toggle(t("curves." + key), curvesView[key], (event) => {
      curvesView[key] = !curvesView[key];
      event.currentTarget.setAttribute("aria-pressed", String(curvesView[key]));
      refresh();
    }, { "data-loss": key }));
  }
  refresh();
  box.append(chips, kinds, holder, note("curves.note"));
  box.append(table(DATA.tables.overfitting, t("curves.gaps")));
});

function curvesChart(lines, width) {
  const W = Math.max(320, Math.min(1148, width));
  const seen = lines.filter((line) => curvesView.on.has(line.variant));
  const series = seen.flatMap((line) => ["training", "validation"].filter((kind) => curvesView[kind]).map((kind) => ({ line, kind })));
  const losses = series.flatMap(({ line, kind }) => line[kind].filter((value) => value !== null && (!curvesView.log || value > 0)));
  const wrap = element("div", {});
  if (!losses.length) { wrap.append(note("curves.nothing")); return wrap; }
  const put = (value) => (curvesView.log ? Math.log10(value) : value);
  const [low, high] = [Math.min(...losses.map(put)), Math.max(...losses.map(put))];
  const air = (high - low || Math.abs(high) || 1) * 0.04;
  const last = Math.max(...seen.map((line) => line.epochs.at(-1)));
  const readout = element("div", { class: "readout", "aria-live": "polite" }, note("curves.cursor"));
  const { picture, moveTo } = lineChart({
    width: W, height: 380, number, step: 1,
    label: t("curves.label", { lines: series.length, epochs: last }),
    across: { low: 1, high: last, wanted: W < 600 ? 5 : 10, whole: true, title: t("curves.epoch") },
    up: { low: low - air, high: high + air, wanted: 6, log: curvesView.log, title: t("curves.loss") },
    lines: series.map(({ line, kind }) => ({
      points: line.epochs.map((epoch, i) => [epoch, line[kind][i]]).filter(([, loss]) => loss !== null),
      place: line.variant, thin: kind === "training", facts: { kind, variant: line.variant },
      mark: kind === "validation" && line.best !== null ? [line.best, line.validation[line.epochs.indexOf(line.best)]] : null,
    })),
    read: (epoch) => {
      curvesView.epoch = epoch;
      readout.replaceChildren(epochTable(seen, epoch));
    },
  });
  if (curvesView.epoch !== null) moveTo(curvesView.epoch);
  wrap.append(picture, readout);
  return wrap;
}

/** Losses of an epoch, mean over the seeds of each variant that reached it. */
function epochTable(lines, epoch) {
  const mean = (values) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null);
  const at = (line, kind) => line[kind][line.epochs.indexOf(epoch)];
  const places = [...new Set(lines.map((line) => line.variant))];
  const rows = places.map((place) => {
    const mine = lines.filter((line) => line.variant === place && line.epochs.includes(epoch));
    const training = mean(mine.map((line) => at(line, "training")));
    const validation = mean(mine.map((line) => at(line, "validation")).filter((value) => value !== null));
    const row = [variantName(place), training, validation, training !== null && validation !== null ? validation - training : null];
    row.mark = () => swatch(place);
    return row;
  });
  const columns = [{ key: "variant" }, ...["training", "validation"].map((key) => ({ key, title: t("curves." + key), digits: 4 })), { key: "gap", digits: 4 }];
  return table({ name: "losses-at-epoch", columns, rows, row_digits: [] }, t("curves.at", { epoch }));
}
