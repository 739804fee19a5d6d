// The first pictures of a collection that cannot be listed as a whole, for a grid: a few, named at once.

import { collectionPath, get, thumbnail } from "../core/api.js";

const SHOWN = 60;

export class FirstItems {
  /** @param {string} collection */
  constructor(collection) {
    this.collection = collection;
    /** @type {import("./catalogue.js").CatalogueItem[]} */
    this.items = [];
  }

  async load() {
    this.items = (await get(`${collectionPath(this.collection)}/items?k=${SHOWN}`)).items;
  }

  /** @returns {import("./grid.js").GridSource} */
  source() {
    const item = (/** @type {number} */ index) => /** @type {import("./catalogue.js").CatalogueItem} */ (this.items[index]);
    return {
      count: this.items.length,
      aspect: (index) => (item(index).width && item(index).height ? item(index).width / item(index).height : 1),
      key: (index) => item(index).id,
      name: (index) => item(index).name,
      thumbnail: (index, side) => thumbnail(this.collection, item(index).id, /** @type {192} */ (side)),
    };
  }

  /** @param {number} index @returns {Promise<import("./catalogue.js").CatalogueItem>} */
  async item(index) {
    return /** @type {import("./catalogue.js").CatalogueItem} */ (this.items[index]);
  }
}
