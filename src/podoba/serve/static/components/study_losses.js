// The losses of all trainings of a study, epoch by epoch.

import { lineChart } from "../charts/lines.js";
import { swatch } from "../charts/scales.js";
import { element, foreign } from "../core/dom.js";
import { t } from "../core/text.js";
import { fixed } from "./chart_words.js";

/**
 * @typedef {{variant: number, seed: number, epochs: number[], training: (number | null)[], validation: (number | null)[], best: number | null}} Curve
 * @typedef {"training" | "validation"} Kind
 */

const HEIGHT = 340, NARROW = 600;

/**
 * @param {Curve[]} curves
 * @param {string[]} names of the variants
 * @param {Set<number>} hidden places of variants that are not drawn
 * @param {number} width pixels
 * @returns {Node}
 */
export function lossChart(curves, names, hidden, width) {
  const seen = curves.filter((curve) => !hidden.has(curve.variant));
  const series = seen.flatMap((curve) => /** @type {Kind[]} */ (["training", "validation"]).map((kind) => ({ curve, kind, points: pointsOf(curve, kind) })))
    .filter(({ points }) => points.length);
  if (!series.length) return element("p", { class: "muted" }, t("study.no_losses"));
  const losses = series.flatMap(({ points }) => points.map(([, loss]) => loss));
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const air = (high - low || Math.abs(high) || 1) * 0.04;
  const last = Math.max(...series.map(({ points }) => points.at(-1)?.[0] ?? 1));
  const readout = element("div", { class: "readout muted", "aria-live": "polite" }, t("study.losses_cursor"));
  const { picture } = lineChart({
    width, height: HEIGHT, number: fixed, step: 1,
    label: t("study.losses_label", { n: series.length, epochs: last }),
    across: { low: 1, high: last, wanted: width < NARROW ? 5 : 10, whole: true, title: t("study.epoch") },
    up: { low: low - air, high: high + air, wanted: 6, title: t("study.loss") },
    lines: series.map(({ curve, kind, points }) => ({
      points, place: curve.variant, thin: kind === "training", facts: { kind, variant: curve.variant },
      mark: kind === "validation" ? points.find(([epoch]) => epoch === curve.best) : undefined,
    })),
    read: (epoch) => readout.replaceChildren(element("strong", {}, t("study.at_epoch", { epoch })), ...lossesAt(seen, names, epoch)),
  });
  return element("div", {}, picture, readout);
}

/** @param {Curve} curve @param {Kind} kind @returns {[number, number][]} */
function pointsOf(curve, kind) {
  return curve.epochs.flatMap((epoch, i) => {
    const loss = curve[kind][i];
    return loss === null || loss === undefined ? [] : [/** @type {[number, number]} */ ([epoch, loss])];
  });
}

/** The validation losses of an epoch, the mean of the seeds of each variant. @param {Curve[]} curves @param {string[]} names @param {number} epoch */
function lossesAt(curves, names, epoch) {
  const places = [...new Set(curves.map((curve) => curve.variant))];
  return places.flatMap((place) => {
    const losses = curves.filter((curve) => curve.variant === place)
      .flatMap((curve) => (pointsOf(curve, "validation").length ? pointsOf(curve, "validation") : pointsOf(curve, "training")).filter(([at]) => at === epoch).map(([, loss]) => loss));
    if (!losses.length) return [];
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    return [element("span", { class: "loss" }, swatch(place), foreign(names[place] ?? ""), ` ${fixed(mean, 4)}`)];
  });
}
