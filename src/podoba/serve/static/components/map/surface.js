// The surface of a map: it draws the points, and turns what the pointer and the keys do into a view, a point or an area.

import { element, fill, svg } from "../../core/dom.js";
import { draw } from "./raster.js";
import { nearestTo } from "./find.js";
import { Gestures } from "./gestures.js";
import { toMap, toWindow, resized, whole } from "./view.js";

const FIRST = 100_000; // points drawn while the view moves: of a shuffled order a fair sample
const SETTLED = 140; // milliseconds without a movement
const SHARP = 200_000; // points up to which every pixel of a dense screen is drawn
export const HOVER = 125; // milliseconds until a picture is shown
const REACH = { mouse: 10, touch: 24, keys: 300 }; // pixels from a point at which it is meant

/**
 * @typedef {Object} Scene
 * @property {import("./points.js").Points} points
 * @property {Uint16Array} codes
 * @property {import("./raster.js").Look} look
 * @property {Uint8Array | null} selected
 */

/**
 * @typedef {Object} Handlers
 * @property {(view: import("./view.js").View, settled: boolean) => void} moved
 * @property {(i: number) => void} hovered a point, or -1
 * @property {(i: number) => void} chosen a point, or -1
 * @property {(polygon: import("./lasso.js").Polygon) => void} enclosed
 * @property {() => void} modeChanged
 */

/** @typedef {"pan" | "lasso" | "rectangle"} Mode */

export class Surface {
  /** @param {HTMLElement} node takes the focus, and the size of the map @param {Handlers} handlers */
  constructor(node, handlers) {
    this.node = node;
    this.handlers = handlers;
    this.canvas = element("canvas", { class: "map-canvas", "aria-hidden": "true" });
    this.drawing = svg("svg", { class: "map-drawing", "aria-hidden": "true" });
    node.prepend(this.canvas, this.drawing);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", { alpha: false }));
    /** @type {Scene | null} */
    this.scene = null;
    this.view = whole(1, 1);
    /** @type {Mode} */
    this.mode = "pan";
    /** @type {[number, number][]} corners drawn so far, units of the map */
    this.corners = [];
    /** @type {[number, number] | null} where the second corner would be */
    this.pointer = null;
    /** @type {import("./lasso.js").Polygon} what is enclosed */
    this.outline = [];
    this.crosshair = false;
    this.settling = 0;
    this.hovering = 0;
    this.frame = 0;
    /** @type {ImageData | null} */
    this.image = null;
    new Gestures(node, this);
    new ResizeObserver(() => this.resize()).observe(node);
    this.resize();
  }

  resize() {
    const { width, height } = this.node.getBoundingClientRect();
    if (!width || !height) return;
    this.view = this.view.width === 1 ? whole(width, height) : resized(this.view, width, height);
    this.move(this.view);
  }

  /** Draw something else. @param {Scene} scene */
  show(scene) {
    this.scene = scene;
    this.move(this.view, true);
  }

  /** See another part. @param {import("./view.js").View} view @param {boolean} [atOnce] whether it stays so */
  move(view, atOnce = false) {
    this.view = view;
    clearTimeout(this.settling);
    if (atOnce) this.request(true);
    else {
      this.request(false);
      this.settling = window.setTimeout(() => this.request(true), SETTLED);
    }
  }

  /** @param {boolean} settled */
  request(settled) {
    if (this.frame) {
      cancelAnimationFrame(this.frame);
      settled = settled || this.waitsSettled;
    }
    this.waitsSettled = settled;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.waitsSettled = false;
      this.paint(settled);
    });
  }

  waitsSettled = false;

  /** @param {boolean} settled */
  paint(settled) {
    if (!this.scene) return;
    const { points, codes, look, selected } = this.scene;
    const ratio = points.count > SHARP ? 1 : Math.min(2, devicePixelRatio);
    const [width, height] = [Math.round(this.view.width * ratio), Math.round(this.view.height * ratio)];
    if (this.image?.width !== width || this.image.height !== height) {
      [this.canvas.width, this.canvas.height] = [width, height];
      this.image = new ImageData(width, height);
    }
    const view = { ...this.view, scale: this.view.scale * ratio, width, height };
    draw(new Uint32Array(this.image.data.buffer), view, points, codes, selected, look, settled ? points.count : FIRST, ratio);
    this.context.putImageData(this.image, 0, 0);
    this.sketch();
    this.handlers.moved(this.view, settled);
  }

  /** Draw the area that is being enclosed, and the cross of the keys. */
  sketch() {
    const { width, height } = this.view;
    this.drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const corners = this.mode === "rectangle" && this.corners[0] && this.pointer ? rectangle(this.corners[0], this.pointer) : this.corners;
    /** @param {import("./lasso.js").Polygon} polygon */
    const pathOf = (polygon) => polygon.map(([x, y]) => toWindow(this.view, x, y).map((value) => value.toFixed(1)).join(" ")).join("L");
    const path = pathOf(corners);
    fill(this.drawing,
      ...(this.outline.length && !path ? [svg("path", { class: "map-outline", d: `M${pathOf(this.outline)}Z` })] : []),
      ...(path ? [svg("path", { class: "map-area", d: `M${path}Z` })] : []),
      ...(this.crosshair ? [svg("path", { class: "map-cross", d: `M${width / 2 - 12} ${height / 2}h24M${width / 2} ${height / 2 - 12}v24` })] : []));
  }

  /** The shown point at a pixel, or -1. @param {number} px @param {number} py @param {keyof typeof REACH} [kind] of pointer */
  at(px, py, kind = "mouse") {
    if (!this.scene) return -1;
    return nearestTo(this.view, this.scene.points, (i) => this.shows(i), px, py, REACH[kind]);
  }

  /** Whether a point is shown, and does not stand back. @param {number} i */
  shows(i) {
    if (!this.scene) return false;
    const { codes, look, selected } = this.scene;
    return look.shown[/** @type {number} */ (codes[i])] === 1 && (selected === null || selected[i] === 1);
  }

  /** Tell which point is meant once it has been meant for a moment. @param {() => number} find @param {(i: number) => void} [tell] */
  hover(find, tell = this.handlers.hovered) {
    clearTimeout(this.hovering);
    this.hovering = window.setTimeout(() => tell(find()), HOVER);
  }

  /** No point is meant any more. */
  leave() {
    clearTimeout(this.hovering);
    this.handlers.hovered(-1);
  }

  /** @param {Mode} mode */
  setMode(mode) {
    this.mode = mode;
    this.corners = [];
    this.pointer = null;
    this.node.dataset.mode = mode;
    this.sketch();
    this.handlers.modeChanged();
  }

  /** A corner of a rectangle: the second one encloses it. @param {number} px @param {number} py */
  corner(px, py) {
    const place = toMap(this.view, px, py);
    const [first] = this.corners;
    if (!first) {
      this.corners = [place];
      this.pointer = place;
      this.sketch();
    } else {
      this.setMode("pan");
      this.handlers.enclosed(rectangle(first, place));
    }
  }

  /** The lasso is closed. */
  close() {
    const corners = this.corners;
    this.setMode("pan");
    if (corners.length > 2) this.handlers.enclosed(corners);
  }
}

/** @param {[number, number]} first @param {[number, number]} second @returns {[number, number][]} */
function rectangle([x1, y1], [x2, y2]) {
  return [[x1, y1], [x2, y1], [x2, y2], [x1, y2]];
}
