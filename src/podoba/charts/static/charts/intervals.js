// A number with how sure it is: a dot on its interval.

import { svg } from "./elements.js";

/**
 * A mean of `n` values and the ends of its interval, which a single value has not.
 * @typedef {{m: number, l: number | null, h: number | null, n: number}} Estimate
 */

/**
 * @param {Estimate} value
 * @param {(value: number) => number | string} x where a value is, in the picture
 * @param {number} y
 * @param {string} hue
 * @returns {SVGElement[]}
 */
export function intervalMark(value, x, y, hue) {
  const dot = svg("circle", { cx: x(value.m), cy: y, r: 5, style: { fill: hue } });
  if (value.l === null || value.h === null) return [dot];
  return [svg("line", { x1: x(value.l), x2: x(value.h), y1: y, y2: y, "stroke-width": 2.5, style: { stroke: hue } }), dot];
}
