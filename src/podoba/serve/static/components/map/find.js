// Points by where they lie: the one under the pointer, landmarks that do not overlap, the box of a group.

import { toWindow } from "./view.js";

/**
 * The shown point nearest to a pixel, or -1.
 * @param {import("./view.js").View} view
 * @param {import("./points.js").Points} points
 * @param {(i: number) => boolean} shown
 * @param {number} px
 * @param {number} py
 * @param {number} reach pixels
 */
export function nearestTo(view, points, shown, px, py, reach) {
  const x = view.x + (px - view.width / 2) / view.scale;
  const y = view.y + (py - view.height / 2) / view.scale;
  let best = (reach / view.scale) ** 2;
  let found = -1;
  for (let i = 0; i < points.count; i++) {
    const dx = /** @type {number} */ (points.xs[i]) - x;
    const dy = /** @type {number} */ (points.ys[i]) - y;
    const distance = dx * dx + dy * dy;
    if (distance <= best && shown(i)) {
      best = distance;
      found = i;
    }
  }
  return found;
}

/**
 * Which landmarks are seen: the most important first, none nearer to another than a thumbnail is wide. What is seen from afar is
 * still seen from near, as long as it is in the window.
 * @param {import("./view.js").View} view
 * @param {import("./points.js").Points} points
 * @param {(i: number) => boolean} shown
 * @param {number[]} order positions, the most important first
 * @param {number} gap pixels between the middles of two
 * @param {number} most
 * @returns {number[]}
 */
export function landmarksIn(view, points, shown, order, gap, most) {
  /** @type {number[]} */
  const found = [];
  /** @type {Map<string, [number, number][]>} */
  const taken = new Map();
  /** @param {number} i */
  const consider = (i) => {
    const [px, py] = toWindow(view, /** @type {number} */ (points.xs[i]), /** @type {number} */ (points.ys[i]));
    if (px < gap / 2 || py < gap / 2 || px > view.width - gap / 2 || py > view.height - gap / 2 || !shown(i)) return;
    const [column, row] = [Math.floor(px / gap), Math.floor(py / gap)];
    for (let c = column - 1; c <= column + 1; c++) {
      for (let r = row - 1; r <= row + 1; r++) {
        for (const [qx, qy] of taken.get(`${c},${r}`) ?? []) if (Math.max(Math.abs(qx - px), Math.abs(qy - py)) < gap) return;
      }
    }
    const key = `${column},${row}`;
    taken.set(key, [...(taken.get(key) ?? []), [px, py]]);
    found.push(i);
  };
  for (const i of order) {
    if (found.length >= most) break;
    consider(i);
  }
  for (let i = 0; i < Math.min(points.count, 20_000) && found.length < most / 3; i++) consider(i); // so near that few landmarks are left
  return found;
}

/** Left, top, right, bottom of most of a group: a few that lie far off do not count. @param {import("./points.js").Points} points @param {Uint8Array} selected @returns {number[] | null} */
export function boxOfMost(points, selected) {
  /** @type {number[]} */
  const chosen = [];
  for (let i = 0; i < points.count; i++) if (selected[i]) chosen.push(i);
  if (!chosen.length) return null;
  const [xs, ys] = [points.xs, points.ys].map((values) => chosen.map((i) => /** @type {number} */ (values[i])).sort((a, b) => a - b));
  const low = Math.floor(0.05 * (chosen.length - 1));
  const high = Math.ceil(0.95 * (chosen.length - 1));
  return [xs?.[low] ?? 0, ys?.[low] ?? 0, xs?.[high] ?? 0, ys?.[high] ?? 0];
}
