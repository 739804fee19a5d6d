// Where the pictures of a justified grid lie: rows of equal height that fill the width, for any number of pictures.

/**
 * @typedef {object} Rows
 * @property {number} count of rows
 * @property {Uint32Array} starts index of the first picture of each row, and after the last one the number of pictures
 * @property {Float64Array} tops of the rows in pixels
 * @property {Float64Array} heights of the rows in pixels
 * @property {number} height of all rows together
 * @property {number | null} gapTop where the gap before the picture `breakAt` begins; null where there is none
 *
 * @typedef {object} RowOptions
 * @property {number} width of the grid in pixels
 * @property {number} height that rows come near to
 * @property {number} gap between pictures and between rows
 * @property {number} [breakAt] index of a picture that begins a new row after a gap
 * @property {number} [breakHeight] of that gap
 */

export const NARROWEST = 0.5;
export const WIDEST = 3;

/**
 * How wide a picture is shown for its height: what is longer is cut, so that no row becomes a stripe and no cell a thread.
 * @param {number} aspect width by height
 */
export const shownAspect = (aspect) => Math.min(WIDEST, Math.max(NARROWEST, aspect || 1));

/**
 * @param {number} count of pictures
 * @param {(index: number) => number} aspect of a picture, width by height
 * @param {RowOptions} options
 * @returns {Rows}
 */
export function layOut(count, aspect, { width, height, gap, breakAt = -1, breakHeight = 0 }) {
  const starts = new Uint32Array(count + 1);
  const tops = new Float64Array(count);
  const heights = new Float64Array(count);
  let rows = 0;
  let top = 0;
  let gapTop = null;
  let first = 0;
  while (first < count) {
    if (first === breakAt) {
      gapTop = top;
      top += breakHeight;
    }
    const end = breakAt > first ? Math.min(breakAt, count) : count;
    let next = first;
    let sum = 0;
    while (next < end && sum * height + (next - first) * gap < width) sum += shownAspect(aspect(next++));
    const last = shownAspect(aspect(next - 1));
    const full = sum * height + (next - first - 1) * gap >= width;
    if (full && next - first > 1) {
      const over = sum * height + (next - first - 1) * gap - width;
      if (over > (last * height) / 2) {
        next -= 1;
        sum -= last;
      }
    }
    const filling = (width - (next - first - 1) * gap) / sum;
    starts[rows] = first;
    tops[rows] = top;
    heights[rows] = full ? Math.min(filling, height * 1.6) : Math.min(filling, height);
    top += /** @type {number} */ (heights[rows]) + gap;
    rows += 1;
    first = next;
  }
  starts[rows] = count;
  return {
    count: rows,
    starts: starts.subarray(0, rows + 1),
    tops: tops.subarray(0, rows),
    heights: heights.subarray(0, rows),
    height: Math.max(0, top - gap),
    gapTop,
  };
}

/**
 * The last row that begins at or above a height.
 * @param {Rows} rows
 * @param {number} top
 */
export const rowAt = (rows, top) => lastNotAbove(rows.tops, rows.count, top);

/**
 * The row that a picture is in.
 * @param {Rows} rows
 * @param {number} index
 */
export const rowOf = (rows, index) => lastNotAbove(rows.starts, rows.count, index);

/**
 * @param {ArrayLike<number>} sorted
 * @param {number} count
 * @param {number} value
 */
function lastNotAbove(sorted, count, value) {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (/** @type {number} */ (sorted[middle]) <= value) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/**
 * The left edges and widths of the pictures of a row, in pixels.
 * @param {Rows} rows
 * @param {number} row
 * @param {(index: number) => number} aspect
 * @param {number} gap
 */
export function cellsOf(rows, row, aspect, gap) {
  const height = /** @type {number} */ (rows.heights[row]);
  const end = /** @type {number} */ (rows.starts[row + 1]);
  const cells = [];
  let left = 0;
  for (let index = /** @type {number} */ (rows.starts[row]); index < end; index++) {
    const width = shownAspect(aspect(index)) * height;
    cells.push({ index, left, width });
    left += width + gap;
  }
  return cells;
}

/**
 * Where a key leads from a picture: sideways in the order, up and down to what lies nearest in the next row.
 * @param {string} code of the key, as `KeyboardEvent.code`
 * @param {number} index of the picture
 * @param {Rows} rows
 * @param {(index: number) => number} aspect
 * @param {{gap: number, page: number}} sizes gap between pictures, height of what is in view
 */
export function moved(code, index, rows, aspect, { gap, page }) {
  const last = /** @type {number} */ (rows.starts[rows.count]) - 1;
  const row = rowOf(rows, index);
  const top = /** @type {number} */ (rows.tops[row]);
  switch (code) {
    case "ArrowLeft":
      return Math.max(0, index - 1);
    case "ArrowRight":
      return Math.min(last, index + 1);
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowUp":
      return row === 0 ? index : below(index, row, row - 1);
    case "ArrowDown":
      return row === rows.count - 1 ? index : below(index, row, row + 1);
    case "PageUp":
      return below(index, row, Math.min(Math.max(0, row - 1), rowAt(rows, top - page)));
    case "PageDown":
      return below(index, row, Math.max(Math.min(rows.count - 1, row + 1), rowAt(rows, top + page)));
    default:
      return index;
  }

  /**
   * @param {number} from index of a picture
   * @param {number} its row
   * @param {number} other row
   */
  function below(from, its, other) {
    const cell = cellsOf(rows, its, aspect, gap).find((one) => one.index === from);
    const middle = cell ? cell.left + cell.width / 2 : 0;
    const off = (/** @type {{left: number, width: number}} */ one) => Math.abs(one.left + one.width / 2 - middle);
    return cellsOf(rows, other, aspect, gap).reduce((best, one) => (off(one) < off(best) ? one : best)).index;
  }
}

/**
 * The rows to keep in the page: one that is held whatever is in view, those in view, and as many around them as may be.
 * @param {Rows} rows
 * @param {{top: number, bottom: number}} view
 * @param {{held: number | null, beyond: number, most: number}} limits beyond: px around the view; most: pictures of all these rows
 * @returns {Set<number>}
 */
export function rowsNear(rows, { top, bottom }, { held, beyond, most }) {
  /** @type {Set<number>} */
  const near = new Set();
  if (!rows.count) return near;
  const [first, last] = [rowAt(rows, top), rowAt(rows, bottom)];
  const [behind, ahead] = [rowAt(rows, top - beyond), rowAt(rows, bottom + beyond)];
  const order = held === null ? [] : [held];
  for (let row = first; row <= last; row++) order.push(row);
  for (let step = 1; last + step <= ahead || first - step >= behind; step++) {
    if (last + step <= ahead) order.push(last + step);
    if (first - step >= behind) order.push(first - step);
  }
  let pictures = 0;
  for (const row of order) {
    if (near.has(row)) continue;
    pictures += Number(rows.starts[row + 1]) - Number(rows.starts[row]);
    if (pictures > most) break;
    near.add(row);
  }
  return near;
}
