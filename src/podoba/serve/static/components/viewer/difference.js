// How two pictures differ, pixel by pixel.

export const VISIBLE = 8; // levels of 255 from which a difference counts as one that can be seen
const MOST = 4_000_000; // pixels that are compared; larger pictures are made smaller first

/**
 * @typedef {{width: number, height: number, largest: number, any: number, visible: number, levels: Uint8ClampedArray}} Difference
 *   largest: of all pixels and colours, in levels of 255; any, visible: shares of the pixels that differ at all, and by more than
 *   `VISIBLE`; levels: of each pixel, the most of its three colours
 */

/**
 * @param {Uint8ClampedArray} first pixels RGBA
 * @param {Uint8ClampedArray} second as many
 * @param {number} width
 * @param {number} height
 * @returns {Difference}
 */
export function differenceOf(first, second, width, height) {
  const count = width * height;
  const levels = new Uint8ClampedArray(count);
  let [largest, any, visible] = [0, 0, 0];
  for (let pixel = 0, at = 0; pixel < count; pixel++, at += 4) {
    const level = Math.max(
      Math.abs(Number(first[at]) - Number(second[at])), Math.abs(Number(first[at + 1]) - Number(second[at + 1])), Math.abs(Number(first[at + 2]) - Number(second[at + 2])));
    levels[pixel] = level;
    if (level) any++;
    if (level > VISIBLE) visible++;
    if (level > largest) largest = level;
  }
  return { width, height, largest, any: any / count, visible: visible / count, levels };
}

/** The factor that makes the largest difference white. @param {Difference} difference */
export function fullFactor({ largest }) {
  return largest ? 255 / largest : 1;
}

/** Draw a difference, times a factor, in grey on black. @param {HTMLCanvasElement} canvas @param {Difference} difference @param {number} factor */
export function paint(canvas, { width, height, levels }, factor) {
  Object.assign(canvas, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  for (let pixel = 0, at = 0; pixel < levels.length; pixel++, at += 4) {
    const level = Number(levels[pixel]) * factor;
    image.data[at] = image.data[at + 1] = image.data[at + 2] = level;
    image.data[at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/**
 * Compare two pictures that are loaded; the second is stretched to the first.
 * @param {HTMLImageElement} first
 * @param {HTMLImageElement} second
 */
export function compareImages(first, second) {
  const shrink = Math.min(1, Math.sqrt(MOST / (first.naturalWidth * first.naturalHeight)));
  const [width, height] = [Math.max(1, Math.round(first.naturalWidth * shrink)), Math.max(1, Math.round(first.naturalHeight * shrink))];
  return differenceOf(pixelsOf(first, width, height), pixelsOf(second, width, height), width, height);
}

/** @param {HTMLImageElement} image @param {number} width @param {number} height */
function pixelsOf(image, width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.fillStyle = "#fff"; // behind what is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}
