// What lies inside a polygon. Its cells are found line by line; only points in cells that the border crosses are tested themselves.

const CELLS = 512; // of a side of the polygon's box
const [OUTSIDE, INSIDE, BORDER] = [0, 1, 2];

/** @typedef {[number, number][]} Polygon corners in units of the map */

/**
 * Which points lie inside, exactly: by the even-odd rule, points on the left or upper border count.
 * @param {import("./points.js").Points} points
 * @param {Polygon} polygon
 * @returns {{selected: Uint8Array, count: number}} selected: 1 for each point inside
 */
export function inside(points, polygon) {
  const selected = new Uint8Array(points.count);
  if (polygon.length < 3) return { selected, count: 0 };
  const [left, top, right, bottom] = boxOf(polygon);
  const across = (right - left) / CELLS || 1;
  const down = (bottom - top) / CELLS || 1;
  const cells = cellsOf(polygon, left, top, across, down);
  let count = 0;
  for (let i = 0; i < points.count; i++) {
    const x = /** @type {number} */ (points.xs[i]);
    const y = /** @type {number} */ (points.ys[i]);
    if (x < left || x > right || y < top || y > bottom) continue;
    const cell = cells[Math.min(CELLS - 1, Math.floor((y - top) / down)) * CELLS + Math.min(CELLS - 1, Math.floor((x - left) / across))];
    if (cell === INSIDE || (cell === BORDER && contains(polygon, x, y))) {
      selected[i] = 1;
      count++;
    }
  }
  return { selected, count };
}

/** Whether a point lies in a polygon, by the even-odd rule. @param {Polygon} polygon @param {number} x @param {number} y */
export function contains(polygon, x, y) {
  let is = false;
  for (const [[x1, y1], [x2, y2]] of edges(polygon)) {
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) is = !is;
  }
  return is;
}

/** Left, top, right, bottom. @param {Polygon} polygon @returns {[number, number, number, number]} */
export function boxOf(polygon) {
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** At most so many corners, at equal distances along the line that was drawn. @param {Polygon} polygon @param {number} most @returns {Polygon} */
export function simplified(polygon, most) {
  if (polygon.length <= most) return polygon;
  return Array.from({ length: most }, (_, i) => /** @type {[number, number]} */ (polygon[Math.floor((i * polygon.length) / most)]));
}

/** @param {Polygon} polygon @returns {[[number, number], [number, number]][]} */
function edges(polygon) {
  return polygon.map((corner, i) => [/** @type {[number, number]} */ (polygon.at(i - 1)), corner]);
}

/** @param {Polygon} polygon @param {number} left @param {number} top @param {number} across @param {number} down */
function cellsOf(polygon, left, top, across, down) {
  const cells = new Uint8Array(CELLS * CELLS).fill(OUTSIDE);
  for (let row = 0; row < CELLS; row++) { // a whole cell is inside where its middle is, unless the border crosses it
    const y = top + (row + 0.5) * down;
    const crossings = [];
    for (const [[x1, y1], [x2, y2]] of edges(polygon)) {
      if (y1 > y !== y2 > y) crossings.push(((x2 - x1) * (y - y1)) / (y2 - y1) + x1);
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const first = Math.ceil((/** @type {number} */ (crossings[i]) - left) / across - 0.5);
      const last = Math.ceil((/** @type {number} */ (crossings[i + 1]) - left) / across - 0.5);
      cells.fill(INSIDE, row * CELLS + Math.max(0, first), row * CELLS + Math.min(CELLS, last));
    }
  }
  for (const [[x1, y1], [x2, y2]] of edges(polygon)) mark(cells, (x1 - left) / across, (y1 - top) / down, (x2 - left) / across, (y2 - top) / down);
  return cells;
}

/** Mark the cells that an edge crosses, in units of cells, and those it touches. @param {Uint8Array} cells @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function mark(cells, x1, y1, x2, y2) {
  if (y1 > y2) [x1, y1, x2, y2] = [x2, y2, x1, y1];
  const EDGE = 1e-6; // so that what lies on a line between cells marks both
  for (let row = Math.max(0, Math.floor(y1 - EDGE)); row <= Math.min(CELLS - 1, Math.floor(y2 + EDGE)); row++) {
    const from = y2 === y1 ? x1 : x1 + ((x2 - x1) * (Math.max(row, y1) - y1)) / (y2 - y1);
    const to = y2 === y1 ? x2 : x1 + ((x2 - x1) * (Math.min(row + 1, y2) - y1)) / (y2 - y1);
    const first = Math.max(0, Math.floor(Math.min(from, to) - EDGE));
    const last = Math.min(CELLS - 1, Math.floor(Math.max(from, to) + EDGE));
    cells.fill(BORDER, row * CELLS + first, row * CELLS + last + 1);
  }
}
