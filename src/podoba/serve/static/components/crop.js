// A box on a picture: drawn with a pointer, moved and made larger by keys, or written into fields.

import { element, svg } from "../core/dom.js";
import { keys } from "../core/keys.js";
import { t } from "../core/text.js";
import { dialog } from "./dialog.js";

/**
 * @typedef {import("./query.js").Box} Box
 * @typedef {import("../core/keys.js").Key} Key
 */

const LEAST = 8; // pixels of a side: less is a slip of the pointer
const SIDES = /** @type {const} */ (["x", "y", "width", "height"]);

/** @type {readonly Key[]} */
export const CROP_KEYS = [
  { code: "ArrowLeft", text: "finder.key.box_left" },
  { code: "ArrowRight", text: "finder.key.box_right" },
  { code: "ArrowUp", text: "finder.key.box_up" },
  { code: "ArrowDown", text: "finder.key.box_down" },
  { code: "ArrowLeft", shift: true, text: "finder.key.box_narrower" },
  { code: "ArrowRight", shift: true, text: "finder.key.box_wider" },
  { code: "ArrowUp", shift: true, text: "finder.key.box_lower" },
  { code: "ArrowDown", shift: true, text: "finder.key.box_higher" },
];

/**
 * Ask for a box on a picture.
 * @param {{name: string, source: string, spare: string, width: number, height: number, box?: Box}} picture source and spare: its
 *   addresses, the second for a browser that cannot show the first; width, height: in pixels, upright
 * @returns {Promise<Box | "whole" | null>} null: nothing was decided
 */
export async function askForBox({ name, source, spare, width, height, box }) {
  const crop = new Crop(width, height, box);
  const image = element("img", { class: "crop-picture", src: source, alt: name, draggable: "false", on: { error: () => (image.src = spare) } });
  crop.stage.prepend(image);
  /** @type {Box | "whole" | null} */
  let decided = null;
  const decide = (/** @type {() => Box | "whole"} */ what) => () => {
    decided = what();
    shown.close();
  };
  const shown = dialog(
    t("finder.crop_title"),
    element("p", { class: "muted" }, t("finder.crop_how")),
    crop.stage,
    crop.fields,
    element(
      "div",
      { class: "dialog-actions" },
      element("button", { type: "button", on: { click: decide(() => "whole") } }, t("finder.crop_whole")),
      element("button", { type: "button", class: "primary", on: { click: decide(() => crop.box) } }, t("finder.crop_search")),
    ),
  );
  shown.node.classList.add("crop-dialog");
  crop.frame.focus();
  await shown.closed;
  return decided;
}

/** The box over a picture, and its fields. */
class Crop {
  /**
   * @param {number} width of the picture
   * @param {number} height
   * @param {Box} [box]
   */
  constructor(width, height, box) {
    this.width = width;
    this.height = height;
    /** @type {Box} */
    this.box = box ?? /** @type {Box} */ ([width / 4, height / 4, width / 2, height / 2].map(Math.round));
    this.hole = svg("path", { class: "crop-shade", "fill-rule": "evenodd" });
    this.frame = element(
      "div",
      { class: "crop-frame", tabindex: "0", role: "group", "aria-label": t("finder.crop_box"), "aria-describedby": "crop-says" },
      ...["nw", "ne", "sw", "se"].map((corner) => element("span", { class: `crop-corner is-${corner}`, dataset: { corner } })),
    );
    this.stage = element(
      "div",
      { class: "crop-stage", style: { "aspect-ratio": `${width} / ${height}`, "--aspect": String(width / height) } },
      svg("svg", { class: "crop-shades", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" }, this.hole),
      this.frame,
    );
    this.inputs = SIDES.map((side, place) =>
      element("input", { type: "number", min: place < 2 ? "0" : "1", step: "1", on: { change: () => this.#written() }, "aria-label": t(`finder.box_${side}`) }),
    );
    this.says = element("p", { id: "crop-says", class: "muted", role: "status" });
    this.fields = element(
      "fieldset",
      { class: "crop-fields" },
      element("legend", {}, t("finder.box_in_pixels")),
      ...this.inputs.map((input, place) => element("label", {}, element("span", { "aria-hidden": "true" }, t(`finder.box_${SIDES[place]}`)), input)),
      this.says,
    );
    this.#listen();
    this.#draw();
  }

  #listen() {
    this.stage.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.#drag(event));
    const step = (/** @type {KeyboardEvent} */ event) => (event.repeat ? 3 : 1) * Math.max(1, Math.round(Math.max(this.width, this.height) / 100));
    /** @type {Record<string, (event: KeyboardEvent) => void>} */
    const actions = {};
    for (const { code, shift, text } of CROP_KEYS) {
      const across = code === "ArrowLeft" || code === "ArrowRight";
      const sign = code === "ArrowLeft" || code === "ArrowUp" ? -1 : 1;
      actions[text] = (event) => {
        const [x, y, w, h] = this.box;
        const by = sign * step(event);
        if (shift) this.#set([x, y, across ? w + by : w, across ? h : h + by]);
        else this.#set([clamp(x + (across ? by : 0), 0, this.width - w), clamp(y + (across ? 0 : by), 0, this.height - h), w, h]);
      };
    }
    keys(this.frame, CROP_KEYS, actions);
  }

  /**
   * Draw a box, move it by its middle, or pull a corner.
   * @param {PointerEvent} event
   */
  #drag(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.frame.focus({ preventScroll: true });
    const target = /** @type {HTMLElement} */ (event.target);
    const { corner } = target.dataset;
    const start = this.#at(event);
    const before = this.box;
    const [x, y, w, h] = before;
    const fixed = corner ? { x: corner.includes("w") ? x + w : x, y: corner.includes("n") ? y + h : y } : start;
    const moves = !corner && this.frame.contains(target);
    const move = (/** @type {PointerEvent} */ moved) => {
      const now = this.#at(moved);
      if (moves) return this.#set([clamp(x + now.x - start.x, 0, this.width - w), clamp(y + now.y - start.y, 0, this.height - h), w, h]);
      const box = /** @type {Box} */ ([Math.min(fixed.x, now.x), Math.min(fixed.y, now.y), Math.abs(now.x - fixed.x), Math.abs(now.y - fixed.y)]);
      return this.#set(box[2] >= LEAST && box[3] >= LEAST ? box : before);
    };
    this.stage.setPointerCapture(event.pointerId);
    this.stage.addEventListener("pointermove", move);
    this.stage.addEventListener("lostpointercapture", () => this.stage.removeEventListener("pointermove", move), { once: true });
  }

  /** @param {PointerEvent} event */
  #at(event) {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    return {
      x: clamp(((event.clientX - left) / width) * this.width, 0, this.width),
      y: clamp(((event.clientY - top) / height) * this.height, 0, this.height),
    };
  }

  #written() {
    const numbers = this.inputs.map((input) => Number(input.value));
    if (numbers.every(Number.isFinite) && Number(numbers[2]) > 0 && Number(numbers[3]) > 0) this.#set(/** @type {Box} */ (numbers));
    else this.#draw();
  }

  /** @param {Box} box which is put inside the picture */
  #set([x, y, w, h]) {
    const left = Math.round(clamp(x, 0, this.width - 1));
    const top = Math.round(clamp(y, 0, this.height - 1));
    this.box = [left, top, Math.round(clamp(w, 1, this.width - left)), Math.round(clamp(h, 1, this.height - top))];
    this.#draw();
  }

  #draw() {
    const { width, height, box } = this;
    const [x, y, w, h] = box;
    this.hole.setAttribute("d", `M0 0H${width}V${height}H0ZM${x} ${y}V${y + h}H${x + w}V${y}Z`);
    const { style } = this.frame;
    style.left = `${(100 * x) / width}%`;
    style.top = `${(100 * y) / height}%`;
    style.width = `${(100 * w) / width}%`;
    style.height = `${(100 * h) / height}%`;
    this.inputs.forEach((input, place) => (input.value = String(Math.round(Number(box[place])))));
    this.says.textContent = t("finder.box_says", { x, y, width: w, height: h, of_width: width, of_height: height });
  }
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
const clamp = (value, least, most) => Math.min(Math.max(value, least), Math.max(least, most));
