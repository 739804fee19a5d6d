// What charts share: colours of series, round numbers on axes.

import { svg } from "./elements.js";

export const COLOURS = 7; // --c0 to --c6, told apart by whoever sees few colours
const DASHES = ["", "7 4", "2 3", "9 3 2 3"];

/**
 * The colour of the series at a place, as CSS.
 * @param {number} place
 */
export function seriesColour(place) { return `var(--c${place % COLOURS})`; }

/**
 * The dashes of the series at a place: series of the same colour differ in them.
 * @param {number} place
 */
export function seriesDash(place) { return DASHES[Math.floor(place / COLOURS) % DASHES.length]; }

/**
 * A sample of a series' line, for a legend.
 * @param {number} place
 */
export function swatch(place) {
  return svg("svg", { class: "swatch", viewBox: "0 0 24 12", "aria-hidden": "true" }, svg("line", {
    x1: 0, x2: 24, y1: 6, y2: 6, "stroke-width": 3, style: { stroke: seriesColour(place) }, "stroke-dasharray": seriesDash(place),
  }));
}

/**
 * Round numbers from low to high, about as many as wanted, and how many decimal places they need.
 * @param {number} low
 * @param {number} high
 * @param {number} wanted
 * @param {boolean} [whole] no fractions
 * @returns {{values: number[], digits: number}}
 */
export function ticks(low, high, wanted, whole) {
  const span = high - low || 1;
  const power = 10 ** Math.floor(Math.log10(span / wanted));
  const round = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= wanted) || 10 * power;
  const step = whole ? Math.max(1, Math.round(round)) : round;
  const values = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step) values.push(Math.abs(value) < step / 1e6 ? 0 : value);
  return { values, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}
