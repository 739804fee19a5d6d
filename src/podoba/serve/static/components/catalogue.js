// All pictures of a collection, or those of a filter, for a grid: where they lie is known at once, their names when they come
// into view.

import { address, binary, collectionPath, get, Problem } from "../core/api.js";

/**
 * @typedef {object} CatalogueItem
 * @property {string} id
 * @property {number} number
 * @property {string} name
 * @property {string | null} label
 * @property {number} width
 * @property {number} height
 */

const AT_ONCE = 200; // names asked for in one request
const SETTLED = 80; // ms that the view must rest before names are asked for

export class Catalogue {
  /**
   * @param {string} collection
   * @param {() => void} named called when names have come
   */
  constructor(collection, named) {
    this.collection = collection;
    this.named = named;
    this.numbers = new Uint32Array();
    this.aspects = new Uint16Array();
    /** @type {Map<number, CatalogueItem>} by the items' numbers */
    this.items = new Map();
    this.timer = 0;
  }

  /**
   * Read which pictures pass a filter, and in which order.
   * @param {{where?: string, sort?: string, signal?: AbortSignal}} options
   * @throws `Problem` where the filter is not understood
   */
  async load({ where, sort, signal }) {
    const parameters = new URLSearchParams();
    if (where) parameters.set("where", where);
    if (sort) parameters.set("sort", sort);
    const data = await binary(`${collectionPath(this.collection)}/layout?${parameters}`, { signal });
    const count = new DataView(data).getUint32(0, true);
    this.numbers = new Uint32Array(data.slice(4, 4 + 4 * count));
    this.aspects = new Uint16Array(data.slice(4 + 4 * count, 4 + 6 * count));
  }

  /**
   * @param {Partial<import("./grid.js").GridSource>} [more]
   * @returns {import("./grid.js").GridSource}
   */
  source(more = {}) {
    const { numbers, aspects } = this;
    return {
      count: numbers.length,
      aspect: (index) => Number(aspects[index]) / 1000,
      key: (index) => String(numbers[index]),
      name: (index) => this.items.get(Number(numbers[index]))?.name ?? "",
      thumbnail: (index, side) => address(`${collectionPath(this.collection)}/numbers/${numbers[index]}/thumbnail?side=${side}`),
      seen: (first, end) => {
        clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.#name(numbers.slice(first, end)), SETTLED);
      },
      ...more,
    };
  }

  /**
   * The item at a place, asked for where it is not known yet.
   * @param {number} index
   * @returns {Promise<CatalogueItem>}
   */
  async item(index) {
    return this.ofNumber(Number(this.numbers[index]));
  }

  /**
   * @param {number} number
   * @returns {Promise<CatalogueItem>}
   * @throws `Problem` where it has gone from the collection
   */
  async ofNumber(number) {
    if (!this.items.has(number)) await this.#read([number]);
    const item = this.items.get(number);
    if (!item) throw new Problem(404, "unknown_item", "the collection has no such item (any more)");
    return item;
  }

  /** @param {Uint32Array} numbers */
  async #name(numbers) {
    const missing = [...numbers].filter((number) => !this.items.has(number)).slice(0, AT_ONCE);
    if (!missing.length) return;
    await this.#read(missing).then(this.named, () => undefined); // without names the pictures are still there, and are asked for again
  }

  /** @param {number[]} numbers */
  async #read(numbers) {
    const { items } = await get(`${collectionPath(this.collection)}/items?numbers=${numbers.join(",")}`);
    for (const item of items) this.items.set(item.number, item);
  }
}
