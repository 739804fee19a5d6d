// Points as pixels: written by hand into an image, which a million of them fit into a frame with.

const WHOLE = 256; // cover of a pixel that takes a colour as it is
const DOT = 200; // cover of a point that is one pixel: where many lie it becomes stronger
const MANY = 50_000; // points from which one may be a single pixel
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
  const radius = radiusOf(view, points.count, ratio);
  if (radius < ALONE) {
    dots(pixels, view, points, codes, selected, look, count);
    return;
  }
  const stamp = stampOf(radius, view.width);
  if (selected !== null || look.shown.includes(0)) discs(pixels, view, points, codes, selected, look, count, stamp, false);
  discs(pixels, view, points, codes, selected, look, count, stamp, true);
}

/**
 * Points of one pixel each, in one pass: what stands back takes only pixels that nothing has.
 * @param {Uint32Array} pixels
 * @param {import("./view.js").View} view
 * @param {import("./points.js").Points} points
 * @param {Uint16Array} codes
 * @param {Uint8Array | null} selected
 * @param {Look} look
 * @param {number} count
 */
function dots(pixels, view, points, codes, selected, look, count) {
  const { xs, ys } = points;
  const { scale, width, height } = view;
  const left = width / 2 - view.x * scale;
  const top = height / 2 - view.y * scale;
  const { background, faded } = look;
  const colours = look.colours.map((colour, code) => (look.shown[code] ? colour : 0));
  for (let i = 0; i < count; i++) {
    const x = Math.floor(/** @type {number} */ (xs[i]) * scale + left);
    const y = Math.floor(/** @type {number} */ (ys[i]) * scale + top);
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    const at = y * width + x;
    const below = /** @type {number} */ (pixels[at]);
    const colour = selected !== null && selected[i] === 0 ? 0 : /** @type {number} */ (colours[/** @type {number} */ (codes[i])]);
    if (colour !== 0) pixels[at] = below === colour ? colour : blended(below, colour, DOT);
    else if (below === background) pixels[at] = faded;
  }
}

/**
 * Points as discs, those that stand back or the others.
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
function discs(pixels, view, points, codes, selected, look, count, stamp, front) {
  const { xs, ys } = points;
  const { scale, width, height } = view;
  const left = width / 2 - view.x * scale;
  const top = height / 2 - view.y * scale;
  const { offsets, covers, reach } = stamp;
  const { colours, shown, faded } = look;
  const parts = offsets.length;
  for (let i = 0; i < count; i++) {
    const x = Math.floor(/** @type {number} */ (xs[i]) * scale + left);
    const y = Math.floor(/** @type {number} */ (ys[i]) * scale + top);
    if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue;
    const code = /** @type {number} */ (codes[i]);
    const isFront = shown[code] !== 0 && (selected === null || selected[i] !== 0);
    if (isFront !== front) continue;
    const colour = front ? /** @type {number} */ (colours[code]) : faded;
    const at = y * width + x;
    for (let k = 0; k < parts; k++) {
      const place = at + /** @type {number} */ (offsets[k]);
      pixels[place] = blended(/** @type {number} */ (pixels[place]), colour, /** @type {number} */ (covers[k]));
    }
  }
}

/** @param {number} below @param {number} above @param {number} cover of 256 */
function blended(below, above, cover) {
  const rest = WHOLE - cover;
  const odd = ((Math.imul(below & 0xff00ff, rest) + Math.imul(above & 0xff00ff, cover)) >>> 8) & 0xff00ff;
  const even = ((Math.imul(below & 0xff00, rest) + Math.imul(above & 0xff00, cover)) >>> 8) & 0xff00;
  return (0xff000000 | odd | even) >>> 0;
}

/** Radius of a point in pixels: larger the fewer there are in the window. @param {import("./view.js").View} view @param {number} count @param {number} ratio */
export function radiusOf(view, count, ratio) {
  const side = 65536 * view.scale;
  const seen = Math.max(1, (count * Math.min(side, view.width) * Math.min(side, view.height)) / (side * side));
  return Math.min(6 * ratio, Math.max(count > MANY ? 0.5 : 0.9, 0.2 * Math.sqrt((Math.min(side, view.width) * Math.min(side, view.height)) / seen)));
}

/** @typedef {{offsets: Int32Array, covers: Uint16Array, reach: number}} Stamp places of a point's pixels, and how much each is covered */

/** A disc. @param {number} radius @param {number} width of the image @returns {Stamp} */
export function stampOf(radius, width) {
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
