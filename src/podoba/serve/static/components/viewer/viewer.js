// Two pictures compared: side by side, under a slider, or as their difference, with one zoom for both.

import { say } from "../../core/announce.js";
import { element, fill, foreign } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { keys } from "../../core/keys.js";
import { number, percent, t } from "../../core/text.js";
import { Attributes } from "./attributes.js";
import { VISIBLE, compareImages, fullFactor, paint } from "./difference.js";
import { gestures } from "./gestures.js";
import { VIEWER_KEYS } from "./keys.js";
import { SidePicture } from "./picture.js";
import { WHOLE, bounded, fitted, panned, placed, zoomed } from "./view.js";

/** @typedef {import("./attributes.js").Side} Side @typedef {"side" | "slider" | "difference"} Mode */

const MODES = /** @type {const} */ ([["side", "compare"], ["slider", "slider"], ["difference", "difference"]]);
const PAN = 60; // pixels a key
const ZOOM = 1.5; // a key
const CLOSE = 0.02; // ratios of sides up to which two pictures are laid onto each other exactly
const FACTORS = [0, 1, 4, 16, 64]; // 0: so that the largest difference is white

export class Viewer {
  /** @type {Mode} */ mode = "side";
  #view = WHOLE;
  #factor = 0;
  /** @type {import("./difference.js").Difference | null} */ #difference = null;

  /**
   * @param {string} collection
   * @param {{mode?: Mode, modeChanged?: (mode: Mode) => void, swapped?: () => void}} [options]
   */
  constructor(collection, { mode = "side", modeChanged, swapped } = {}) {
    this.mode = mode;
    this.modeChanged = modeChanged;
    this.swapped = swapped;
    this.pictures = [new SidePicture(collection, () => this.#loaded()), new SidePicture(collection, () => this.#loaded())];
    this.canvas = element("canvas", { role: "img", "aria-label": t("viewer.difference") });
    this.slider = element("input", { type: "range", min: "0", max: "100", value: "50", step: "1", "aria-label": t("viewer.slide"), on: { input: () => this.#place() } });
    this.panes = this.pictures.map((picture) => element("div", { class: "viewer-pane" }, picture.node));
    this.stage = element("div", { class: "viewer-stage", tabindex: "0", role: "group", "aria-label": t("viewer.stage") }, ...this.panes);
    this.captions = element("div", { class: "viewer-captions" });
    this.facts = element("p", { class: "viewer-facts numbers", role: "status" });
    this.scale = element("select", { "aria-label": t("viewer.amplified"), on: { change: () => { this.#factor = Number(this.scale.value); this.#paint(); } } },
      ...FACTORS.map((factor) => element("option", { value: String(factor) }, factor ? t("viewer.times", { factor }) : t("viewer.to_white"))));
    this.modes = MODES.map(([name, shape]) => element("button", { type: "button", on: { click: () => this.show(name) } }, icon(shape), element("span", {}, t(`viewer.mode.${name}`))));
    this.zoomText = element("output", { class: "numbers" });
    this.attributes = new Attributes();
    const tools = element("div", { class: "toolbar viewer-tools" },
      element("div", { class: "group", role: "group", "aria-label": t("viewer.modes") }, ...this.modes),
      this.#button("swap", "viewer.key.swap", () => this.swap()), this.scale,
      element("div", { class: "toolbar end" }, this.#button("minus", "viewer.key.out", () => this.#zoom(1 / ZOOM)), this.zoomText,
        this.#button("plus", "viewer.key.in", () => this.#zoom(ZOOM)), this.#button("whole", "viewer.key.whole", () => this.#set(WHOLE))));
    this.node = element("div", { class: "viewer" }, tools, this.captions, this.stage, this.facts, this.attributes.node);
    gestures(this.stage, {
      zoom: (factor, x, y) => this.#zoom(factor, x, y),
      pan: (right, down) => this.#pan(right, down),
      toggle: (x, y) => (this.#view.zoom > 1 ? this.#set(WHOLE) : this.#zoom(4, x, y)),
    });
    keys(this.node, VIEWER_KEYS, this.#actions());
    keys(this.stage, VIEWER_KEYS, this.#actions());
    new ResizeObserver(() => this.#place()).observe(this.stage);
  }

  /** @param {Side} left @param {Side} right */
  setSides(left, right) {
    this.sides = [left, right];
    this.#difference = null;
    this.pictures.forEach((picture, place) => picture.show(place ? right : left));
    fill(this.captions, ...[left, right].map((side, place) => element("p", {}, element("span", { class: "badge" }, t(place ? "viewer.right" : "viewer.left")), foreign(side.name))));
    this.attributes.show(left, right);
    this.show(this.mode);
  }

  /** Exchange left and right. */
  swap() {
    if (!this.sides) return;
    const [left, right] = this.sides;
    this.setSides(/** @type {Side} */ (right), /** @type {Side} */ (left));
    this.swapped?.();
    say(t("viewer.swapped"));
  }

  /** @param {Mode} mode */
  show(mode) {
    this.mode = mode;
    this.node.dataset.mode = mode;
    this.modes.forEach((button, place) => button.setAttribute("aria-pressed", String(MODES[place]?.[0] === mode)));
    fill(this.stage, ...this.panes, ...(mode === "slider" ? [this.slider] : []), ...(mode === "difference" ? [this.canvas] : []));
    this.scale.hidden = mode !== "difference";
    this.#loaded();
    this.modeChanged?.(mode);
  }

  /** @returns {Record<string, () => void>} */
  #actions() {
    return {
      "viewer.key.side": () => this.show("side"), "viewer.key.slider": () => this.show("slider"), "viewer.key.difference": () => this.show("difference"),
      "viewer.key.swap": () => this.swap(), "viewer.key.in": () => this.#zoom(ZOOM), "viewer.key.out": () => this.#zoom(1 / ZOOM),
      "viewer.key.whole": () => this.#set(WHOLE), "viewer.key.all": () => this.attributes.toggle(),
      "viewer.key.left": () => this.#pan(PAN, 0), "viewer.key.right": () => this.#pan(-PAN, 0), "viewer.key.up": () => this.#pan(0, PAN), "viewer.key.down": () => this.#pan(0, -PAN),
    };
  }

  #loaded() {
    const [left, right] = /** @type {[SidePicture, SidePicture]} */ (this.pictures);
    this.facts.textContent = "";
    if (this.mode === "difference") {
      if (left.image && right.image) this.#difference ??= compareImages(left.image, right.image);
      this.canvas.hidden = !this.#difference;
      if (this.#difference) this.#paint();
      else if (left.failed || right.failed) this.facts.textContent = t("viewer.cannot_compare");
    }
    this.#place();
  }

  #paint() {
    const [left, right] = /** @type {[SidePicture, SidePicture]} */ (this.pictures);
    const difference = this.#difference;
    if (!difference || !left.image || !right.image) return;
    paint(this.canvas, difference, this.#factor || fullFactor(difference));
    const { largest, any, visible } = difference;
    const scaled = left.image.naturalWidth !== right.image.naturalWidth || left.image.naturalHeight !== right.image.naturalHeight;
    const share = (/** @type {number} */ value) => (value > 0 && value < 0.001 ? t("viewer.less_than", { share: percent(0.001, 1) }) : percent(value, 1));
    fill(this.facts, ...[
      largest ? t("viewer.largest", { level: largest }) : t("viewer.equal"),
      ...(largest ? [t("viewer.any", { share: share(any) }), t("viewer.visible", { share: share(visible), levels: VISIBLE })] : []),
      ...(scaled ? [t("viewer.scaled", { width: difference.width, height: difference.height })] : []),
      ...(left.isPreview || right.isPreview ? [t("viewer.preview")] : []),
    ].map((text) => element("span", {}, text)));
  }

  /** Lay everything where the view has it. */
  #place() {
    const pane = this.#pane();
    const fits = this.#fits(pane);
    this.#view = bounded(this.#view, /** @type {import("./view.js").Size} */ (fits[0]), pane);
    this.pictures.forEach((picture, side) => position(picture.node, placed(/** @type {any} */ (fits[side]), pane, this.#view)));
    position(this.canvas, placed(/** @type {any} */ (fits[0]), pane, this.#view));
    this.panes[1]?.style.setProperty("clip-path", this.mode === "slider" ? `inset(0 0 0 ${this.slider.value}%)` : "none");
    this.stage.style.setProperty("--slide", `${this.slider.value}%`);
    this.stage.classList.toggle("zoomed", this.#view.zoom > 1);
    this.zoomText.textContent = t("viewer.zoom", { zoom: number(this.#view.zoom, 1) });
  }

  #pane() {
    const pane = /** @type {HTMLElement} */ (this.panes[0]);
    return { width: Math.max(1, pane.clientWidth), height: Math.max(1, pane.clientHeight) };
  }

  /** Sizes at zoom 1; what lies on each other and has nearly one shape gets exactly one. @param {import("./view.js").Size} pane */
  #fits(pane) {
    const [left, right] = /** @type {[import("./view.js").Size, import("./view.js").Size]} */ (this.pictures.map((picture) => fitted(picture.size, pane)));
    const ratio = (left.width / left.height) / (right.width / right.height);
    return [left, this.mode === "difference" || (this.mode === "slider" && Math.abs(Math.log(ratio)) < CLOSE) ? left : right];
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] */
  #zoom(factor, x, y) {
    const pane = this.#pane();
    const side = this.mode === "side" && x !== undefined && x >= (this.panes[1]?.getBoundingClientRect().left ?? Infinity) && y !== undefined && y >= (this.panes[1]?.getBoundingClientRect().top ?? Infinity) ? 1 : 0;
    const box = /** @type {HTMLElement} */ (this.panes[side]).getBoundingClientRect();
    const at = x === undefined || y === undefined ? { x: 0, y: 0 } : { x: x - box.left - box.width / 2, y: y - box.top - box.height / 2 };
    this.#set(zoomed(this.#view, factor, at, /** @type {any} */ (this.#fits(pane)[side]), pane));
  }

  /** @param {number} right @param {number} down */
  #pan(right, down) {
    const pane = this.#pane();
    this.#set(panned(this.#view, right, down, /** @type {any} */ (this.#fits(pane)[0]), pane));
  }

  /** @param {import("./view.js").View} view */
  #set(view) {
    this.#view = view;
    this.#place();
  }

  /** @param {import("../../core/icons.js").IconName} shape @param {string} text @param {() => void} run */
  #button(shape, text, run) {
    return element("button", { type: "button", class: "quiet icon-only", "aria-label": t(text), title: t(text), on: { click: run } }, icon(shape));
  }
}

/** @param {HTMLElement} node @param {{left: number, top: number, width: number, height: number}} place */
function position(node, { left, top, width, height }) {
  for (const [name, value] of Object.entries({ left, top, width, height })) node.style.setProperty(name, `${value}px`);
}
