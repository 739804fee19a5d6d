// The points of a map as typed arrays, in the server's shuffled order.

import { binary, collectionPath, get } from "../../core/api.js";

/**
 * @typedef {Object} Points
 * @property {number} count
 * @property {Uint32Array} numbers of the items
 * @property {Uint16Array} xs
 * @property {Uint16Array} ys
 */

/** @typedef {{value?: string | number, from?: number, to?: number, count: number}} Entry */
/** @typedef {{by: string, kind: "values" | "numbers" | "clusters", entries: Entry[], others: number, missing: number}} Legend */
/** @typedef {{id: string, number: number, label: string | null}} Shown */
/** @typedef {{number: number, size: number, label: string | null, share: number, items: Shown[]}} Cluster */

/** @param {string} collection @param {string} rest @param {Record<string, string>} [query] */
function path(collection, rest, query = {}) {
  const text = new URLSearchParams(query).toString();
  return `${collectionPath(collection)}/map${rest}${text ? `?${text}` : ""}`;
}

/** @param {string} collection @param {string} layout @returns {Promise<Points>} */
export async function loadPoints(collection, layout) {
  return pointsOf(await binary(path(collection, "", { layout })));
}

/** @param {ArrayBuffer} data as the API has it @returns {Points} */
export function pointsOf(data) {
  const count = new Uint32Array(data, 0, 1)[0] ?? 0;
  return {
    count,
    numbers: new Uint32Array(data, 4, count),
    xs: new Uint16Array(data, 4 + 4 * count, count),
    ys: new Uint16Array(data, 4 + 6 * count, count),
  };
}

/** @param {string} collection @param {string} layout @param {string} by @returns {Promise<Uint16Array>} */
export async function loadCodes(collection, layout, by) {
  return new Uint16Array(await binary(path(collection, "/colour", { layout, by })));
}

/** @param {string} collection @param {string} by @returns {Promise<Legend>} */
export function loadLegend(collection, by) {
  return get(path(collection, "/legend", { by }));
}

/** Positions of the items that stand for parts of the map. @param {string} collection @param {string} layout @returns {Promise<number[]>} */
export async function loadLandmarks(collection, layout) {
  return (await get(path(collection, "/landmarks", { layout }))).positions;
}

/** @param {string} collection @returns {Promise<Cluster[]>} */
export async function loadClusters(collection) {
  return (await get(path(collection, "/clusters"))).clusters;
}

/**
 * What a map was made of, and whether there is one by UMAP or could be.
 * @param {string} collection
 * @param {string | null} layout null: the best there is
 * @returns {Promise<{layout: string, items: number, points: number, fitted: number, since: number, missing: number, explained: number | null, umap: boolean, extra: boolean}>}
 */
export function loadState(collection, layout) {
  return get(path(collection, "/state", layout ? { layout } : {}));
}
