// One of two pictures: the file itself, or where a browser cannot show that, its preview.

import { address, collectionPath, thumbnail } from "../../core/api.js";
import { element, fill } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { t } from "../../core/text.js";

export class SidePicture {
  /** The picture, once it is there. @type {HTMLImageElement | null} */ image = null;
  failed = false;
  isPreview = false;
  /** Pixels of the upright picture. */ size = { width: 1, height: 1 };
  /** @type {string} */ #id = "";

  /**
   * @param {string} collection
   * @param {() => void} changed called when it is there, or cannot be shown
   */
  constructor(collection, changed) {
    this.collection = collection;
    this.changed = changed;
    this.node = element("div", { class: "viewer-picture" });
  }

  /** @param {import("./attributes.js").Side} side */
  show(side) {
    if (side.id === this.#id) return;
    this.#id = side.id;
    this.image = null;
    this.failed = this.isPreview = false;
    this.size = { width: side.width || 1, height: side.height || 1 };
    const path = `${collectionPath(this.collection)}/items/${encodeURIComponent(side.id)}`;
    this.#load(side, [address(`${path}/original`), address(`${path}/preview?side=2048`), thumbnail(this.collection, side.id, 384)], false);
  }

  /** @param {import("./attributes.js").Side} side @param {string[]} sources the best first @param {boolean} isPreview */
  #load(side, [source, ...others], isPreview) {
    const image = element("img", { alt: side.name, draggable: "false" });
    fill(this.node, image);
    image.addEventListener("load", () => {
      if (side.id !== this.#id) return;
      this.image = image;
      this.isPreview = isPreview;
      this.size = { width: image.naturalWidth || 1, height: image.naturalHeight || 1 };
      this.changed();
    });
    image.addEventListener("error", () => {
      if (side.id !== this.#id) return;
      if (others.length) return this.#load(side, others, true);
      this.failed = true;
      fill(this.node, element("div", { class: "viewer-gone" }, icon("image"), element("p", {}, t("viewer.gone"))));
      this.changed();
    });
    image.src = String(source);
  }
}
