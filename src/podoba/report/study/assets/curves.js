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
    element("button", { type: "button", onclick: only(present) }, t("page.all")), element("button", { type: "button", onclick: only([]) }, t("page.none")));
  // Different losses have different scales: each can be shown alone.
  const losses = [...new Set(present.map((place) => DATA.variants[place].loss))];
  if (losses.length > 1) losses.forEach((loss) => chips.append(element("button", { type: "button", "data-only": loss, onclick: only(present.filter((place) => DATA.variants[place].loss === loss)) }, t("curves.only", { loss }))));
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
  const W = Math.max(320, Math.min(1148, width)), H = 380, left = 62, right = 14, top = 12, bottom = 42;
  const seen = lines.filter((line) => curvesView.on.has(line.variant));
  const series = seen.flatMap((line) => ["training", "validation"].filter((kind) => curvesView[kind]).map((kind) => ({ line, kind })));
  const losses = series.flatMap(({ line, kind }) => line[kind].filter((value) => value !== null && (!curvesView.log || value > 0)));
  const wrap = element("div", {});
  if (!losses.length) { wrap.append(note("curves.nothing")); return wrap; }
  const put = (value) => (curvesView.log ? Math.log10(value) : value);
  let [low, high] = [Math.min(...losses.map(put)), Math.max(...losses.map(put))];
  const air = (high - low || Math.abs(high) || 1) * 0.04;
  [low, high] = [low - air, high + air];
  const last = Math.max(...seen.map((line) => line.epochs.at(-1)));
  const x = (epoch) => left + ((epoch - 1) / Math.max(1, last - 1)) * (W - left - right);
  const y = (loss) => top + ((high - put(loss)) / (high - low)) * (H - top - bottom);
  const chart = drawn("svg", { class: "chart", viewBox: `0 0 ${W} ${H}`, tabindex: 0, role: "img", "aria-label": t("curves.label", { lines: series.length, epochs: last }) });
  const across = ticks(low, high, 6);
  for (const value of across.values) {
    const shown = curvesView.log ? number(10 ** value, Math.max(0, 2 - Math.floor(value))) : number(value, across.digits);
    const at = top + ((high - value) / (high - low)) * (H - top - bottom);
    chart.append(drawn("line", { class: "grid", x1: left, x2: W - right, y1: at, y2: at }), drawn("text", { x: left - 8, y: at + 4, "text-anchor": "end" }, shown));
  }
  for (const value of ticks(1, last, W < 600 ? 5 : 10, true).values) {
    chart.append(drawn("text", { x: x(value), y: H - bottom + 18, "text-anchor": "middle" }, number(value, 0)));
  }
  chart.append(drawn("path", { class: "axis", d: `M${left},${top}V${H - bottom}H${W - right}` }),
    drawn("text", { x: (left + W - right) / 2, y: H - 6, "text-anchor": "middle" }, t("curves.epoch")),
    drawn("text", { x: 14, y: (top + H - bottom) / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${(top + H - bottom) / 2})` }, t("curves.loss")));
  for (const { line, kind } of series) {
    const points = line.epochs.map((epoch, i) => [epoch, line[kind][i]]).filter(([, loss]) => loss !== null && (!curvesView.log || loss > 0));
    if (!points.length) continue;
    chart.append(drawn("path", {
      class: "line", "data-kind": kind, "data-variant": line.variant, fill: "none", style: `stroke:${variantColour(line.variant)}`,
      "stroke-width": kind === "validation" ? 2.1 : 1.1, "stroke-opacity": kind === "validation" ? 1 : 0.65, "stroke-dasharray": variantDash(line.variant),
      d: points.map(([epoch, loss], i) => (i ? "L" : "M") + x(epoch).toFixed(1) + "," + y(loss).toFixed(1)).join(""),
    }));
    if (kind === "validation" && line.best !== null) {
      const loss = line.validation[line.epochs.indexOf(line.best)];
      if (!curvesView.log || loss > 0) chart.append(drawn("circle", { class: "best", cx: x(line.best), cy: y(loss), r: 4.5, fill: "var(--paper)", style: `stroke:${variantColour(line.variant)}`, "stroke-width": 2 }));
    }
  }
  const cursor = drawn("line", { class: "axis", y1: top, y2: H - bottom, visibility: "hidden", "stroke-dasharray": "3 3" });
  chart.append(cursor);
  const readout = element("div", { class: "readout", "aria-live": "polite" });
  const read = (epoch) => {
    curvesView.epoch = Math.max(1, Math.min(last, epoch));
    cursor.setAttribute("x1", x(curvesView.epoch));
    cursor.setAttribute("x2", x(curvesView.epoch));
    cursor.setAttribute("visibility", "visible");
    readout.replaceChildren(epochTable(seen, curvesView.epoch));
  };
  chart.addEventListener("pointermove", (event) => {
    const area = chart.getBoundingClientRect();
    const at = ((event.clientX - area.left) / area.width) * W;
    read(1 + Math.round(((at - left) / (W - left - right)) * (last - 1)));
  });
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, PageUp: 5, PageDown: -5 }[event.key];
    if (step) { event.preventDefault(); read((curvesView.epoch ?? (step > 0 ? 0 : last + 1)) + step); }
    if (event.key === "Home" || event.key === "End") { event.preventDefault(); read(event.key === "Home" ? 1 : last); }
  });
  readout.append(note("curves.cursor"));
  if (curvesView.epoch !== null) read(curvesView.epoch);
  wrap.append(chart, readout);
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
