// The card of one picture beside its point: shown while it is meant, and kept open with its actions once it was chosen.

import { element, fill, foreign } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { t } from "../../core/text.js";
import { pictureOf } from "./landmarks.js";
import { toWindow } from "./view.js";

const GAP = 14; // pixels between a point and its card

export class Card {
  /** @param {HTMLElement} node @param {import("../catalogue.js").Catalogue} catalogue @param {() => void} closed called when it had the focus */
  constructor(node, catalogue, closed) {
    this.node = node;
    this.collection = catalogue.collection;
    this.catalogue = catalogue;
    this.closed = closed;
    this.box = element("div", { class: "map-card", hidden: true });
    node.append(this.box);
    this.current = -1;
    this.kept = false;
  }

  /**
   * Show the picture of a point.
   * @param {import("./surface.js").Surface} surface
   * @param {number} i
   * @param {boolean} kept with its actions, until it is closed
   * @returns {Promise<import("../catalogue.js").CatalogueItem | null>} null where another one is meant by then
   */
  async show(surface, i, kept) {
    if (!surface.scene) return null;
    this.current = i;
    this.kept = kept;
    const number = /** @type {number} */ (surface.scene.points.numbers[i]);
    const words = element("div", { class: "map-card-words" });
    fill(this.box, pictureOf(this.collection, number, 192), words);
    this.box.hidden = false;
    this.box.classList.toggle("kept", kept);
    this.place(surface);
    const item = await this.catalogue.ofNumber(number).catch(() => null); // without words the picture is still there
    if (this.current !== i || this.kept !== kept || !item) return null;
    fill(words,
      ...(item.label === null ? [] : [element("strong", {}, foreign(item.label))]),
      element("span", { class: "muted" }, foreign(item.name)));
    if (kept) {
      const href = `/c/${encodeURIComponent(this.collection)}/search?${new URLSearchParams({ q: `id:${item.id}` })}`;
      this.box.append(element("div", { class: "map-card-actions" },
        element("a", { href }, t("map.search")),
        element("button", { type: "button", class: "quiet", "aria-label": t("shell.close"), on: { click: () => this.hide() } }, icon("close"))));
    }
    this.place(surface);
    return item;
  }

  /** Beside its point, inside the window. @param {import("./surface.js").Surface} surface */
  place(surface) {
    const { scene, view } = surface;
    if (!scene || this.current < 0 || this.box.hidden) return;
    const [x, y] = toWindow(view, /** @type {number} */ (scene.points.xs[this.current]), /** @type {number} */ (scene.points.ys[this.current]));
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const left = x + GAP + width > view.width ? x - GAP - width : x + GAP;
    const top = Math.min(view.height - height - 8, Math.max(8, y - height / 2));
    this.box.style.transform = `translate(${Math.max(8, Math.min(view.width - width - 8, left)).toFixed(0)}px, ${top.toFixed(0)}px)`;
  }

  /** To its first action. */
  focus() {
    this.box.querySelector("a")?.focus();
  }

  hide() {
    const within = this.box.contains(document.activeElement);
    this.current = -1;
    this.kept = false;
    this.box.hidden = true;
    fill(this.box);
    if (within) this.closed();
  }
}
