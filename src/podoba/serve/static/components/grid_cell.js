// One picture of a grid.

import { element } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/text.js";
import { fetchThumbnail } from "./thumbnails.js";

const SIDES = [96, 192, 384];
const SHARP = 0.85; // a thumbnail is enough from this share of the pixels it is shown with

export class GridCell {
  /**
   * @param {{index: number, left: number, width: number}} place
   * @param {number} height
   * @param {number} column
   * @param {Pick<import("./grid.js").GridSource, "key" | "thumbnail">} source
   */
  constructor({ index, left, width }, height, column, { key, thumbnail }) {
    this.index = index;
    this.key = key(index);
    this.picture = element("img", { class: "cell-picture", alt: "", draggable: "false", decoding: "async" });
    this.over = element("div", { class: "cell-over" });
    this.node = element(
      "div",
      { class: "cell", role: "gridcell", tabindex: "-1", "aria-colindex": String(column + 1), dataset: { index: String(index) } },
      this.picture,
      this.over,
    );
    this.node.style.width = `${width}px`;
    this.node.style.transform = `translateX(${left}px)`;
    const pixels = Math.max(width, height) * window.devicePixelRatio * SHARP;
    const side = SIDES.find((one) => one >= pixels) ?? 384;
    this.stop = fetchThumbnail(
      thumbnail(index, side),
      (source) => this.#arrived(source),
      () => this.#failed(),
    );
  }

  /**
   * @param {string} name
   * @param {boolean | null} selected null: it cannot be
   * @param {boolean} beyond whether it lies beyond the line
   * @param {Node[]} over what lies over the picture
   */
  tell(name, selected, beyond, over) {
    const inside = this.over.contains(document.activeElement);
    const said = over.map((node) => (node instanceof HTMLElement && node.dataset.said) || "").filter(Boolean);
    this.node.setAttribute("aria-label", [name, ...said, ...(beyond ? [t("grid.beyond")] : [])].join(", "));
    this.node.classList.toggle("is-beyond", beyond);
    const tick = [];
    if (selected !== null) {
      this.node.setAttribute("aria-selected", String(selected));
      const label = t(selected ? "grid.unselect" : "grid.select", { name });
      tick.push(element("button", { class: "cell-tick", type: "button", tabindex: "-1", "aria-label": label }, icon("check")));
    }
    this.over.replaceChildren(...tick, ...over);
    if (inside) this.node.focus({ preventScroll: true });
  }

  /**
   * Whether Tab leads to it.
   * @param {boolean} is
   */
  reach(is) {
    this.node.tabIndex = is ? 0 : -1;
  }

  /** It leaves the page: its picture is no longer waited for. */
  drop() {
    this.stop();
  }

  /** @param {string} source */
  #arrived(source) {
    const done = () => URL.revokeObjectURL(source);
    this.picture.addEventListener("load", () => (done(), this.node.classList.add("is-loaded")), { once: true });
    this.picture.addEventListener("error", () => (done(), this.#failed()), { once: true });
    this.picture.src = source;
  }

  #failed() {
    this.node.classList.add("is-broken");
    this.node.append(element("span", { class: "cell-broken" }, icon("broken")));
  }
}
