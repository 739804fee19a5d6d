// The scores of a study: the mean of each variant on one axis with its seeds, and all of them as a table.

import { intervalMark } from "../charts/intervals.js";
import { seriesColour, swatch, ticks } from "../charts/scales.js";
import { sortableTable } from "../charts/table.js";
import { element, foreign, svg } from "../core/dom.js";
import { t } from "../core/text.js";
import { fixed, tableWords } from "./chart_words.js";

/**
 * @typedef {import("../charts/intervals.js").Estimate} Estimate
 * @typedef {{key: string, seed: number, status: string, epochs: number, planned: number, reason: string | null, reason_withheld: boolean}} Training
 * @typedef {{name: string, cells: Training[], means: Record<string, Estimate>, values: Record<string, number[]>}} Variant
 */

const DIGITS = /** @type {Record<string, number>} */ ({ best_epoch: 1, epochs: 1, seconds_per_epoch: 2, min_validation_loss: 4 });
const LOW_IS_GOOD = new Set(["min_validation_loss", "seconds_per_epoch"]);
const NEITHER = new Set(["best_epoch", "epochs"]);

/** @param {string} score */
export function isJudged(score) { return !NEITHER.has(score); }

/** @param {string} score */
function digitsOf(score) { return DIGITS[score] ?? 3; }

/**
 * A score of all variants, the best first: a dot a seed, and the mean on its interval.
 * @param {Variant[]} rows
 * @param {string} score
 * @returns {HTMLElement}
 */
export function scoreChart(rows, score) {
  const placed = rows.map((row, place) => ({ row, place })).filter(({ row }) => row.means[score]);
  if (!placed.length) return element("p", { class: "muted" }, t("study.no_scores"));
  placed.sort((a, b) => (LOW_IS_GOOD.has(score) ? 1 : -1) * (a.row.means[score].m - b.row.means[score].m));
  const seen = placed.flatMap(({ row }) => row.values[score]);
  const [least, most] = [Math.min(...seen), Math.max(...seen)];
  const air = (most - least || Math.abs(most) || 1) * 0.08;
  const [low, high] = [least - air, most + air];
  // An interval of few seeds may reach far beyond what was seen: the chart shows what was seen, and cuts it off.
  const x = (/** @type {number} */ value) => `${((100 * (Math.min(high, Math.max(low, value)) - low)) / (high - low)).toFixed(2)}%`;
  const marks = ticks(low, high, 5);
  const axis = svg("svg", { class: "score-axis", height: 20, "aria-hidden": "true" },
    ...marks.values.map((value) => svg("text", { x: x(value), y: 14, "text-anchor": "middle" }, fixed(value, marks.digits))));
  const lines = placed.map(({ row, place }) => {
    const mean = row.means[score];
    const hue = seriesColour(place);
    const picture = svg("svg", { class: "score-line", height: 26, "aria-hidden": "true" },
      ...marks.values.map((value) => svg("line", { class: "grid", x1: x(value), x2: x(value), y1: 0, y2: 26 })),
      ...row.values[score].map((value) => svg("circle", { cx: x(value), cy: 13, r: 3.5, fill: "none", style: { stroke: hue } })),
      ...intervalMark(mean, x, 13, hue));
    const half = mean.h === null ? "" : ` ± ${fixed(mean.h - mean.m, digitsOf(score))}`;
    return element("li", {}, element("span", { class: "score-name" }, foreign(row.name)), picture,
      element("span", { class: "score-value" }, fixed(mean.m, digitsOf(score)), element("span", { class: "muted" }, half)));
  });
  return element("div", { class: "scores" }, element("ol", {}, ...lines), element("div", { class: "score-foot" }, axis),
    element("p", { class: "muted" }, t("study.scores_note")));
}

/**
 * All scores as a table that sorts.
 * @param {Variant[]} rows
 * @param {string[]} scores
 */
export function scoreTable(rows, scores) {
  return sortableTable({
    name: "scores",
    columns: [{ key: "variant" }, { key: "trainings" }, ...scores.map((key) => (
      /** @type {import("../charts/table.js").Column} */ ({ key, digits: digitsOf(key), best: isJudged(key) ? (LOW_IS_GOOD.has(key) ? "low" : "high") : undefined })))],
    rows: rows.map((row, place) => Object.assign(
      [row.name, row.cells.filter((cell) => cell.status === "done").length, ...scores.map((score) => row.means[score] ?? null)], { mark: () => swatch(place) })),
  }, tableWords(t("study.scores_caption"), "study.score"));
}
