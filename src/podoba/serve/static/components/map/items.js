// What is known of items by their numbers, asked for once, many at a time.

import { collectionPath, get } from "../../core/api.js";

/** @typedef {{id: string, number: number, name: string, label: string | null}} Known */

const AT_ONCE = 500; // numbers of one request

export class Items {
  /** @param {string} collection */
  constructor(collection) {
    this.collection = collection;
    /** @type {Map<number, Known>} */
    this.known = new Map();
  }

  /**
   * Items in the order of their numbers here.
   * @param {number[]} numbers
   * @param {{signal?: AbortSignal, progress?: (done: number, total: number) => void}} [options]
   * @returns {Promise<Known[]>}
   */
  async of(numbers, { signal, progress } = {}) {
    const missing = numbers.filter((one) => !this.known.has(one));
    for (let start = 0; start < missing.length; start += AT_ONCE) {
      const some = missing.slice(start, start + AT_ONCE);
      const { items } = await get(`${collectionPath(this.collection)}/items?numbers=${some.join(",")}`, { signal });
      items.forEach((/** @type {Known} */ item, /** @type {number} */ i) => this.known.set(item.number ?? some[i], item));
      progress?.(Math.min(missing.length, start + AT_ONCE), missing.length);
    }
    return numbers.flatMap((one) => this.known.get(one) ?? []);
  }
}
