// The state of a map as the address holds it: layout, colour, what is chosen in the legend, the view, and what is enclosed.

import { simplified } from "./lasso.js";

const CORNERS = 64; // of a polygon that stands in an address

/**
 * @typedef {Object} MapState
 * @property {string | null} layout null: the best there is
 * @property {string | null} by what the colours mean; null: labels where there are some, else groups
 * @property {number[]} chosen codes of the legend
 * @property {string | null} at the view, as `written`
 * @property {{polygon?: import("./lasso.js").Polygon, cluster?: number} | null} selection
 */

/** @param {URLSearchParams} parameters @returns {MapState} */
export function readMapState(parameters) {
  const layout = parameters.get("layout");
  return {
    layout: layout === "pca" || layout === "umap" ? layout : null,
    by: parameters.get("by"),
    chosen: whole(parameters.get("only")),
    at: parameters.get("at"),
    selection: selectionOf(parameters),
  };
}

/** @param {MapState} state @returns {Record<string, string | null>} */
export function writeMapState({ layout, by, chosen, at, selection }) {
  return {
    layout, by, at,
    only: chosen.length ? chosen.join(",") : null,
    area: selection?.polygon ? simplified(selection.polygon, CORNERS).flat().map(Math.round).join(",") : null,
    group: selection?.cluster ? String(selection.cluster) : null,
  };
}

/** The selection as it stands in an address, so that a reload encloses the same. @param {MapState["selection"]} selection @returns {MapState["selection"]} */
export function rounded(selection) {
  if (!selection?.polygon) return selection;
  return { polygon: simplified(selection.polygon, CORNERS).map(([x, y]) => [Math.round(x), Math.round(y)]) };
}

/** @param {URLSearchParams} parameters @returns {MapState["selection"]} */
function selectionOf(parameters) {
  const [cluster] = whole(parameters.get("group"));
  if (cluster) return { cluster };
  const numbers = whole(parameters.get("area"));
  if (numbers.length < 6) return null;
  return { polygon: Array.from({ length: Math.floor(numbers.length / 2) }, (_, i) => [Number(numbers[2 * i]), Number(numbers[2 * i + 1])]) };
}

/** @param {string | null} text @returns {number[]} */
function whole(text) {
  return text ? text.split(",").map(Number).filter(Number.isInteger) : [];
}
