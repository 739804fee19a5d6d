// Which part of a map is seen, and how places of the map become pixels and back.

export const SIDE = 65536; // units of a map's side
const MARGIN = 0.92; // share of the window that the whole map takes
const CLOSEST = 4; // pixels of one unit at most

/**
 * @typedef {Object} View
 * @property {number} x unit of the map in the middle of the window
 * @property {number} y
 * @property {number} scale pixels of one unit
 * @property {number} width of the window, pixels
 * @property {number} height
 */

/** The whole map. @param {number} width @param {number} height @returns {View} */
export function whole(width, height) {
  return { x: SIDE / 2, y: SIDE / 2, scale: (MARGIN * Math.min(width, height)) / SIDE, width, height };
}

/** The scale at which the whole map is seen. @param {View} view */
function least(view) {
  return (MARGIN * Math.min(view.width, view.height)) / SIDE;
}

/** How much nearer than the whole map. @param {View} view */
export function zoomOf(view) {
  return view.scale / least(view);
}

/** The same part in a window of another size. @param {View} view @param {number} width @param {number} height @returns {View} */
export function resized(view, width, height) {
  const zoom = zoomOf(view);
  const next = { ...view, width, height };
  return kept({ ...next, scale: zoom * least(next) });
}

/** Moved by pixels. @param {View} view @param {number} dx @param {number} dy @returns {View} */
export function panned(view, dx, dy) {
  return kept({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale });
}

/** Nearer or farther, while what is at a pixel stays there. @param {View} view @param {number} factor @param {number} px @param {number} py @returns {View} */
export function zoomed(view, factor, px = view.width / 2, py = view.height / 2) {
  const [x, y] = toMap(view, px, py);
  const scale = Math.min(CLOSEST, Math.max(least(view), view.scale * factor));
  return kept({ ...view, scale, x: x - (px - view.width / 2) / scale, y: y - (py - view.height / 2) / scale });
}

/** A rectangle of the map, with room around it. @param {View} view @param {number[]} box left, top, right, bottom @returns {View} */
export function framed(view, [left, top, right, bottom]) {
  const scale = Math.min(view.width / (1.4 * (right - left) + 200), view.height / (1.4 * (bottom - top) + 200));
  return kept({ ...view, scale: Math.min(CLOSEST, Math.max(least(view), scale)), x: (left + right) / 2, y: (top + bottom) / 2 });
}

/** @param {View} view @param {number} px @param {number} py @returns {[number, number]} */
export function toMap(view, px, py) {
  return [view.x + (px - view.width / 2) / view.scale, view.y + (py - view.height / 2) / view.scale];
}

/** @param {View} view @param {number} x @param {number} y @returns {[number, number]} */
export function toWindow(view, x, y) {
  return [(x - view.x) * view.scale + view.width / 2, (y - view.y) * view.scale + view.height / 2];
}

/** As it stands in an address: middle and zoom. @param {View} view @returns {string | null} null for the whole map */
export function written(view) {
  return zoomOf(view) < 1.001 ? null : [Math.round(view.x), Math.round(view.y), zoomOf(view).toFixed(2)].join(",");
}

/** What `written` wrote, in a window. @param {string | null} text @param {number} width @param {number} height @returns {View} */
export function fromText(text, width, height) {
  const view = whole(width, height);
  const [x, y, zoom] = (text ?? "").split(",").map(Number);
  if (x === undefined || y === undefined || zoom === undefined || ![x, y, zoom].every(Number.isFinite) || zoom <= 0) return view;
  return kept({ ...view, x, y, scale: Math.min(CLOSEST, Math.max(view.scale, view.scale * zoom)) });
}

/** The middle of the window stays on the map. @param {View} view @returns {View} */
function kept(view) {
  return { ...view, x: Math.min(SIDE, Math.max(0, view.x)), y: Math.min(SIDE, Math.max(0, view.y)) };
}
