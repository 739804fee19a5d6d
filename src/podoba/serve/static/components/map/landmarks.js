// Thumbnails on the map that show what lies where; the same pictures stay while the view moves.

import { address, collectionPath } from "../../core/api.js";
import { element } from "../../core/dom.js";
import { fetchThumbnail } from "../thumbnails.js";
import { landmarksIn } from "./find.js";
import { toWindow } from "./view.js";

export class Landmarks {
  /** @param {HTMLElement} node @param {string} collection */
  constructor(node, collection) {
    this.collection = collection;
    this.layer = element("div", { class: "map-landmarks", "aria-hidden": "true" });
    node.append(this.layer);
    /** @type {number[]} positions, the most important first */
    this.order = [];
    /** @type {Map<number, HTMLImageElement>} */
    this.pictures = new Map();
    /** @type {Map<HTMLImageElement, () => void>} gives up what is still asked for */
    this.waiting = new Map();
    this.wanted = true;
  }

  /** @param {number[]} order */
  setOrder(order) {
    this.order = order;
    this.clear();
  }

  clear() {
    for (const picture of this.pictures.values()) this.drop(picture);
    this.pictures.clear();
  }

  /**
   * Put them where their points are; once the view has settled, others are chosen.
   * @param {import("./surface.js").Surface} surface
   * @param {boolean} settled
   */
  place(surface, settled) {
    const { scene, view } = surface;
    if (!scene) return;
    const side = view.width < 600 ? 40 : 56;
    if (settled) {
      const most = Math.round((view.width * view.height) / 22_000);
      this.keep(scene.points, this.wanted ? landmarksIn(view, scene.points, (i) => surface.shows(i), this.order, 1.5 * side, most) : []);
    }
    for (const [i, picture] of this.pictures) {
      const [x, y] = toWindow(view, /** @type {number} */ (scene.points.xs[i]), /** @type {number} */ (scene.points.ys[i]));
      picture.style.transform = `translate(${(x - side / 2).toFixed(1)}px, ${(y - side / 2).toFixed(1)}px)`;
    }
  }

  /** @param {import("./points.js").Points} points @param {number[]} chosen */
  keep(points, chosen) {
    const set = new Set(chosen);
    for (const [i, picture] of this.pictures) {
      if (set.has(i)) continue;
      this.drop(picture);
      this.pictures.delete(i);
    }
    for (const i of chosen) {
      if (this.pictures.has(i)) continue;
      const picture = element("img", { alt: "", draggable: "false", hidden: true });
      const url = thumbnailOf(this.collection, /** @type {number} */ (points.numbers[i]), 96);
      this.waiting.set(picture, fetchThumbnail(url, (source) => { picture.src = source; picture.hidden = false; }, () => undefined));
      this.pictures.set(i, picture);
      this.layer.append(picture);
    }
  }

  /** @param {HTMLImageElement} picture */
  drop(picture) {
    this.waiting.get(picture)?.();
    this.waiting.delete(picture);
    if (picture.src) URL.revokeObjectURL(picture.src);
    picture.remove();
  }
}

/** The address of an item's thumbnail. @param {string} collection @param {number} number of the item @param {96 | 192 | 384} side */
function thumbnailOf(collection, number, side) {
  return address(`${collectionPath(collection)}/numbers/${number}/thumbnail?side=${side}`);
}

/** The thumbnail of an item. @param {string} collection @param {number} number of the item @param {96 | 192 | 384} side */
export function pictureOf(collection, number, side) {
  return element("img", { src: thumbnailOf(collection, number, side), alt: "", decoding: "async", draggable: "false" });
}
