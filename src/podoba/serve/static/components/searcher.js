// The requests of a search: one at a time, a newer one ends the older; what the server no longer has is asked for otherwise.

import { collectionPath, post, Problem } from "../core/api.js";
import { partOfRequest, withoutUpload } from "./query.js";
import { Results } from "./results.js";
import { session } from "./upload.js";

/**
 * @typedef {import("./query.js").SearchState} SearchState
 * @typedef {import("./results.js").Answer} Answer
 */

const PAGE = 200; // results of one answer
const VARIED = 0.5;
const FEEDBACK = "linear-probe";

export class Searcher {
  /** @param {string} collection */
  constructor(collection) {
    this.collection = collection;
    this.stop = new AbortController();
  }

  /** @param {SearchState} state @returns {Promise<Record<string, unknown>>} */
  async body({ wanted, unwanted, where, sort }) {
    const { limits } = await session();
    return {
      query: wanted.map(partOfRequest),
      not: unwanted.map(partOfRequest),
      where: where || null,
      k: limits.k,
      page: PAGE,
      diversity: sort === "varied" ? VARIED : 0,
      feedback: FEEDBACK,
    };
  }

  /** A new search, or its end: what still runs is given up. */
  begin() {
    this.stop.abort();
    this.stop = new AbortController();
    return this.stop.signal;
  }

  /**
   * Search; uploads that are gone are replaced in the state by their descriptors.
   * @param {SearchState} state
   * @param {AbortSignal} signal
   * @returns {Promise<{results: Results, replaced: boolean}>}
   */
  async search(state, signal) {
    const path = `${collectionPath(this.collection)}/search`;
    try {
      return { results: new Results(this.collection, await post(path, await this.body(state), { signal })), replaced: false };
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "upload_gone" || !replaceUploads(state)) throw error;
    }
    return { results: new Results(this.collection, await post(path, await this.body(state), { signal })), replaced: true };
  }
}

/**
 * @param {SearchState} state
 * @returns {boolean} whether all uploads had a descriptor
 */
function replaceUploads(state) {
  const replace = (/** @type {import("./query.js").Part} */ part) => (part.kind === "upload" ? withoutUpload(part) : part);
  const wanted = state.wanted.map(replace);
  const unwanted = state.unwanted.map(replace);
  if ([...wanted, ...unwanted].includes(null)) return false;
  state.wanted = /** @type {typeof state.wanted} */ (wanted);
  state.unwanted = /** @type {typeof state.unwanted} */ (unwanted);
  return true;
}
