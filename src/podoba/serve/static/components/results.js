// The results of a search: read page by page, and brought into an order with a line where they no longer count as similar.

import { address, collectionPath, get } from "../core/api.js";

/**
 * @typedef {object} Hit
 * @property {string} id
 * @property {string} name
 * @property {string | null} label
 * @property {number} width
 * @property {number} height
 * @property {number} rank
 * @property {number} similarity
 * @property {number | null} probability
 * @property {number | null} score
 *
 * @typedef {object} QueryPart
 * @property {string} kind
 * @property {string | null} [item]
 * @property {string | null} [upload]
 * @property {string | null} [text]
 * @property {string | null} [name]
 * @property {number | null} [width]
 * @property {number | null} [height]
 * @property {string | null} [descriptor]
 *
 * @typedef {object} Answer
 * @property {string} query_id
 * @property {QueryPart[]} query
 * @property {QueryPart[]} not
 * @property {Hit[]} hits
 * @property {number} total
 * @property {string | null} next
 * @property {number | null} marks
 * @property {{id: string, name?: string}[]} itself items that are a picture of the query
 * @property {boolean} calibrated
 * @property {boolean} words
 */

export const SORTS = /** @type {const} */ (["", "varied", "name", "largest"]);
const AHEAD = 120; // results that are read before they come into view

export class Results {
  /**
   * @param {string} collection
   * @param {Answer} answer
   */
  constructor(collection, answer) {
    this.collection = collection;
    this.answer = answer;
    this.hits = answer.hits;
    this.next = answer.next;
    /** @type {Promise<void> | null} */
    this.reading = null;
  }

  /** Address of the results as a file. @param {"csv" | "json" | "html"} format */
  file(format) {
    return address(`${collectionPath(this.collection)}/results/${this.answer.query_id}/export?format=${format}`);
  }

  /** Whether results have probabilities. */
  get calibrated() {
    return this.hits.every((hit) => hit.probability !== null && hit.probability !== undefined) && this.answer.calibrated;
  }

  /**
   * Whether more must be read: until the line is passed, and as far as was looked.
   * @param {number} p
   * @param {string} sort
   * @param {number} end index behind the last picture in view
   */
  needsMore(p, sort, end) {
    if (this.next === null) return false;
    if (isOwnOrder(sort) || end + AHEAD > this.hits.length) return true;
    return this.calibrated && this.hits.slice(-1).every((hit) => Number(hit.probability) >= p);
  }

  /**
   * Read the next page. Two calls at once read one.
   * @param {AbortSignal} signal
   */
  async more(signal) {
    this.reading ??= this.#read(signal).finally(() => (this.reading = null));
    await this.reading;
  }

  /** @param {AbortSignal} signal */
  async #read(signal) {
    const path = `${collectionPath(this.collection)}/results/${this.answer.query_id}?cursor=${encodeURIComponent(this.next ?? "")}`;
    const { hits, next } = await get(path, { signal });
    this.hits = [...this.hits, ...hits];
    this.next = next;
  }

  /**
   * The results in an order: first those that count as similar, then the others, each part sorted.
   * @param {number} p
   * @param {string} sort
   * @returns {{hits: Hit[], similar: number}} similar: how many count
   */
  ordered(p, sort) {
    const similar = this.calibrated ? this.hits.filter((hit) => Number(hit.probability) >= p) : this.hits;
    const others = this.calibrated ? this.hits.filter((hit) => Number(hit.probability) < p) : [];
    return { hits: [...sorted(similar, sort), ...sorted(others, sort)], similar: similar.length };
  }
}

/** Whether the page itself brings results into this order. @param {string} sort */
const isOwnOrder = (sort) => sort === "name" || sort === "largest";

/**
 * @param {Hit[]} hits
 * @param {string} sort
 */
function sorted(hits, sort) {
  const names = new Intl.Collator(undefined, { numeric: true });
  if (sort === "name") return [...hits].sort((a, b) => names.compare(a.name, b.name) || a.rank - b.rank);
  if (sort === "largest") return [...hits].sort((a, b) => b.width * b.height - a.width * a.height || a.rank - b.rank);
  return hits;
}
