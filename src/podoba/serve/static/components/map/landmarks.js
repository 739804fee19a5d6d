// Thumbnails on the map that show what lies where; the same pictures stay while the view moves.

import { address, collectionPath } from "../../core/api.js";
import { element } from "../../core/dom.js";
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
    this.wanted = true;
  }

  /** @param {number[]} order */
  setOrder(order) {
    this.order = order;
    this.clear();
  }

  clear() {
    this.pictures.clear();
    this.layer.replaceChildren();
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
      picture.remove();
      this.pictures.delete(i);
    }
    for (const i of chosen) {
      if (this.pictures.has(i)) continue;
      const picture = pictureOf(this.collection, /** @type {number} */ (points.numbers[i]), 96);
      picture.addEventListener("error", () => picture.remove());
      this.pictures.set(i, picture);
      this.layer.append(picture);
    }
  }
}

/** The thumbnail of an item by its number. @param {string} collection @param {number} number @param {96 | 192 | 384} side */
export function pictureOf(collection, number, side) {
  const src = address(`${collectionPath(collection)}/numbers/${number}/thumbnail?side=${side}`);
  return element("img", { src, alt: "", decoding: "async", draggable: "false" });
}
