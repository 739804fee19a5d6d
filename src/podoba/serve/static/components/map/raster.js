// Points as pixels: written by hand into an image, which a million of them fit into a frame with.

const OPAQUE = 256;
const ALONE = 0.75; // radius below which a point is one pixel

/**
 * @typedef {Object} Look
 * @property {Uint32Array} colours of the codes, as pixels
 * @property {Uint8Array} shown of the codes: 0 stands back
 * @property {number} faded pixel of what stands back
 * @property {number} background pixel
 */

/**
 * Draw points.
 * @param {Uint32Array} pixels of the image, row by row
 * @param {import("./view.js").View} view in pixels of the image
 * @param {import("./points.js").Points} points
 * @param {Uint16Array} codes
 * @param {Uint8Array | null} selected by point: what is not selected stands back; null: all are
 * @param {Look} look
 * @param {number} most only so many of the first points
 * @param {number} [ratio] pixels of the image for one of the screen
 */
export function draw(pixels, view, points, codes, selected, look, most, ratio = 1) {
  pixels.fill(look.background);
  const count = Math.min(most, points.count);
  const stamp = stampOf(radiusOf(view, points.count, ratio), view.width);
  const behind = selected !== null || look.shown.includes(0);
  if (behind) pass(pixels, view, points, codes, selected, look, count, stamp, false);
  pass(pixels, view, points, codes, selected, look, count, stamp, true);
}

/**
 * @param {Uint32Array} pixels
 * @param {import("./view.js").View} view
 * @param {import("./points.js").Points} points
 * @param {Uint16Array} codes
 * @param {Uint8Array | null} selected
 * @param {Look} look
 * @param {number} count
 * @param {Stamp} stamp
 * @param {boolean} front those that are shown; else those that stand back
 */
function pass(pixels, view, points, codes, selected, look, count, stamp, front) {
  const { xs, ys } = points;
  const { scale, width, height } = view;
  const left = width / 2 - view.x * scale;
  const top = height / 2 - view.y * scale;
  const { offsets, covers, reach } = stamp;
  const right = width - reach;
  const bottom = height - reach;
  const { colours, shown, faded } = look;
  const parts = offsets.length;
  for (let i = 0; i < count; i++) {
    const x = (/** @type {number} */ (xs[i]) * scale + left) | 0;
    const y = (/** @type {number} */ (ys[i]) * scale + top) | 0;
    if (x < reach || y < reach || x >= right || y >= bottom) continue;
    const code = /** @type {number} */ (codes[i]);
    const isFront = shown[code] !== 0 && (selected === null || selected[i] !== 0);
    if (isFront !== front) continue;
    const colour = front ? /** @type {number} */ (colours[code]) : faded;
    const at = y * width + x;
    for (let k = 0; k < parts; k++) {
      const place = at + /** @type {number} */ (offsets[k]);
      const cover = /** @type {number} */ (covers[k]);
      pixels[place] = cover === OPAQUE ? colour : blended(/** @type {number} */ (pixels[place]), colour, cover);
    }
  }
}

/** @param {number} below @param {number} above @param {number} cover of 256 */
function blended(below, above, cover) {
  const rest = OPAQUE - cover;
  const odd = ((Math.imul(below & 0xff00ff, rest) + Math.imul(above & 0xff00ff, cover)) >>> 8) & 0xff00ff;
  const even = ((Math.imul(below & 0xff00, rest) + Math.imul(above & 0xff00, cover)) >>> 8) & 0xff00;
  return (0xff000000 | odd | even) >>> 0;
}

/** Radius of a point in pixels: larger the fewer there are in the window. @param {import("./view.js").View} view @param {number} count @param {number} ratio */
export function radiusOf(view, count, ratio) {
  const side = 65536 * view.scale;
  const seen = Math.max(1, (count * Math.min(side, view.width) * Math.min(side, view.height)) / (side * side));
  return Math.min(6 * ratio, Math.max(0.5, 0.2 * Math.sqrt((Math.min(side, view.width) * Math.min(side, view.height)) / seen)));
}

/** @typedef {{offsets: Int32Array, covers: Uint16Array, reach: number}} Stamp places of a point's pixels, and how much each is covered */

/** A disc. @param {number} radius @param {number} width of the image @returns {Stamp} */
export function stampOf(radius, width) {
  if (radius < ALONE) return { offsets: Int32Array.of(0), covers: Uint16Array.of(200), reach: 0 };
  const reach = Math.ceil(radius);
  const offsets = [];
  const covers = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const cover = Math.round(Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x, y))) * 235);
      if (cover) { offsets.push(y * width + x); covers.push(cover); }
    }
  }
  return { offsets: Int32Array.from(offsets), covers: Uint16Array.from(covers), reach };
}

/** A colour as a pixel, little endian. @param {string} hex such as #1a5fb4 */
export function pixelOf(hex) {
  const value = parseInt(hex.slice(1), 16);
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >>> 16)) >>> 0;
}
