// A confusion matrix: a row a class of the queries, a column a class of what was found; an entry is chosen by click and keys.

import { svg } from "./elements.js";
import { tip, untip } from "./tip.js";

/**
 * @typedef {object} Matrix
 * @property {string[]} classes of its rows and columns
 * @property {number[]} shares of the rows, 0 to 1, row by row; one that is missing is 0
 * @property {string} label what a screen reader says of it
 * @property {Record<string, string | number>} [facts] `data-...` of the picture
 * @property {(value: number, digits: number) => string} number
 * @property {(row: number, column: number) => string} describe an entry, in words
 * @property {(row: number, column: number) => void} choose called with the entry that was chosen
 * @property {() => [number, number] | null} chosen the entry from which the keys go on
 */

const NAMED = 40; // classes up to which rows and columns have their names
const WRITTEN = 14; // and up to which the shares are written in
const LONGEST = 18; // letters of a name
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * @param {Matrix} matrix
 * @returns {SVGElement}
 */
export function confusionMatrix(matrix) {
  const { classes, number } = matrix;
  const n = classes.length;
  const named = n <= NAMED;
  const longest = Math.max(...classes.map((name) => Math.min(name.length, LONGEST)));
  const size = Math.max(7, Math.min(38, 420 / n));
  const font = Math.min(12, size * 0.85);
  const margin = named ? Math.max(34, longest * font * 0.62 + 8) : 12;
  const side = margin + n * size + 2;
  const facts = Object.fromEntries(Object.entries(matrix.facts ?? {}).map(([name, value]) => ["data-" + name, value]));
  const picture = svg("svg", {
    viewBox: `0 0 ${side} ${side}`, style: { "max-width": `${Math.round(1.35 * side)}px` }, tabindex: 0, role: "img", ...facts,
    "aria-label": matrix.label,
  });
  const short = (/** @type {string} */ name) => (name.length > LONGEST ? name.slice(0, LONGEST - 1) + "…" : name);
  const small = { "font-size": `${font}px` };
  for (let row = 0; row < n; row++) {
    if (named) {
      const at = margin + (row + 0.5) * size + font * 0.35;
      picture.append(svg("text", { x: margin - 5, y: at, "text-anchor": "end", style: small }, short(classes[row])),
        svg("text", { x: at, y: margin - 5, transform: `rotate(-90 ${at} ${margin - 5})`, style: small }, short(classes[row])));
    }
    for (let column = 0; column < n; column++) {
      const share = matrix.shares[row * n + column] ?? 0;
      const depth = Math.sqrt(share); // shares of errors are small: the square root lets them be seen
      picture.append(svg("rect", {
        x: margin + column * size, y: margin + row * size, width: size, height: size, "data-row": row, "data-column": column,
        style: { fill: `rgba(var(--heat),${depth.toFixed(3)})` },
      }));
      if (n <= WRITTEN && share >= 0.0005) picture.append(svg("text", {
        class: "share", x: margin + (column + 0.5) * size, y: margin + (row + 0.5) * size + 4, "text-anchor": "middle",
        style: { fill: `var(${depth > 0.85 ? "--heat-top" : "--heat-ink"})` },
      }, number(100 * share, share < 0.0995 ? 1 : 0)));
    }
  }
  const entryAt = (/** @type {Event} */ event) => {
    const { row, column } = /** @type {SVGElement} */ (event.target).dataset;
    return row === undefined ? null : /** @type {[number, number]} */ ([Number(row), Number(column)]);
  };
  picture.addEventListener("click", (event) => {
    const entry = entryAt(event);
    if (entry) matrix.choose(...entry);
  });
  picture.addEventListener("pointermove", (event) => {
    const entry = entryAt(event);
    entry ? tip(event.clientX, event.clientY, matrix.describe(...entry)) : untip();
  });
  picture.addEventListener("pointerleave", untip);
  picture.addEventListener("keydown", (event) => {
    const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
    if (!step) return;
    event.preventDefault();
    const [row, column] = matrix.chosen() ?? [0, 0];
    matrix.choose(Math.max(0, Math.min(n - 1, row + step[0])), Math.max(0, Math.min(n - 1, column + step[1])));
  });
  return picture;
}
