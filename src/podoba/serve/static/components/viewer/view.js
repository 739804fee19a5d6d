// What part of two pictures is in view: the same part of both, whatever their sizes.

export const LARGEST = 32; // times as large as the whole picture in its pane

/**
 * @typedef {{width: number, height: number}} Size
 * @typedef {{zoom: number, x: number, y: number}} View zoom 1: the whole picture; x, y: what of the picture is in the middle, from 0 to 1
 */

/** @type {View} */
export const WHOLE = { zoom: 1, x: 0.5, y: 0.5 };

/** The size of a picture that fills its pane, at zoom 1. @param {Size} picture @param {Size} pane @returns {Size} */
export function fitted(picture, pane) {
  const scale = Math.min(pane.width / picture.width, pane.height / picture.height);
  return { width: picture.width * scale, height: picture.height * scale };
}

/** Where a picture lies in its pane. @param {Size} fit @param {Size} pane @param {View} view @returns {{left: number, top: number} & Size} */
export function placed(fit, pane, view) {
  const [width, height] = [fit.width * view.zoom, fit.height * view.zoom];
  return { left: pane.width / 2 - view.x * width, top: pane.height / 2 - view.y * height, width, height };
}

/** The nearest view in which no picture leaves an edge of its pane needlessly. @param {View} view @param {Size} fit @param {Size} pane @returns {View} */
export function bounded(view, fit, pane) {
  const zoom = Math.max(1, Math.min(LARGEST, view.zoom));
  return { zoom, x: within(view.x, pane.width / (2 * fit.width * zoom)), y: within(view.y, pane.height / (2 * fit.height * zoom)) };
}

/**
 * Zoom so that the point of the picture below a point of the pane stays there.
 * @param {View} view
 * @param {number} factor
 * @param {{x: number, y: number}} at from the middle of the pane, pixels
 * @param {Size} fit
 * @param {Size} pane
 */
export function zoomed(view, factor, at, fit, pane) {
  const zoom = Math.max(1, Math.min(LARGEST, view.zoom * factor));
  const keep = (/** @type {number} */ middle, /** @type {number} */ offset, /** @type {number} */ side) => middle + offset / (side * view.zoom) - offset / (side * zoom);
  return bounded({ zoom, x: keep(view.x, at.x, fit.width), y: keep(view.y, at.y, fit.height) }, fit, pane);
}

/** Move the pictures by pixels. @param {View} view @param {number} right @param {number} down @param {Size} fit @param {Size} pane */
export function panned(view, right, down, fit, pane) {
  return bounded({ zoom: view.zoom, x: view.x - right / (fit.width * view.zoom), y: view.y - down / (fit.height * view.zoom) }, fit, pane);
}

/** @param {number} value @param {number} half share of the picture that half the pane shows */
function within(value, half) {
  return half >= 0.5 ? 0.5 : Math.max(half, Math.min(1 - half, value));
}
