// What is marked right and wrong of a query, and the way back.

import { collectionPath, post } from "../core/api.js";
import { partOfRequest } from "./query.js";

/**
 * @typedef {import("./query.js").Part} Part
 * @typedef {"right" | "wrong"} Verdict
 */

export class Marks {
  /** @param {string} collection */
  constructor(collection) {
    this.collection = collection;
    /** @type {Map<string, Verdict>} by the ids of items */
    this.verdicts = new Map();
    /** @type {{query: Part, before: Map<string, Verdict | null>}[]} the steps that can be undone, the last one last */
    this.steps = [];
  }

  /** Another query has other marks. */
  forget() {
    this.verdicts.clear();
    this.steps = [];
  }

  /**
   * Read what was marked of a query at earlier visits.
   * @param {Part} query
   */
  async load(query) {
    await this.#send(query, new Map(), null);
  }

  /**
   * Mark items, or take their marks away, and search again.
   * @param {Part} query which they are answers to
   * @param {string[]} ids
   * @param {Verdict | null} verdict
   * @param {unknown} search body of the search
   * @returns {Promise<import("./results.js").Answer>}
   */
  async mark(query, ids, verdict, search) {
    const before = new Map(ids.map((id) => [id, this.verdicts.get(id) ?? null]));
    const answer = await this.#send(query, new Map(ids.map((id) => [id, verdict])), search);
    this.steps.push({ query, before });
    return answer;
  }

  /**
   * Take the last step back, and search again.
   * @param {unknown} search body of the search
   * @returns {Promise<{answer: import("./results.js").Answer, ids: string[]} | null>} null: there is no step
   */
  async undo(search) {
    const step = this.steps.at(-1);
    if (!step) return null;
    const answer = await this.#send(step.query, step.before, search);
    this.steps.pop();
    return { answer, ids: [...step.before.keys()] };
  }

  /**
   * @param {Part} query
   * @param {Map<string, Verdict | null>} verdicts
   * @param {unknown} search
   */
  async #send(query, verdicts, search) {
    const of = (/** @type {Verdict | null} */ verdict) => [...verdicts].filter(([, its]) => its === verdict).map(([id]) => id);
    const body = { query: partOfRequest(query), right: of("right"), wrong: of("wrong"), clear: of(null), search };
    const { marks, result } = await post(`${collectionPath(this.collection)}/marks`, body);
    this.verdicts.clear();
    for (const { id, right } of marks) if (id !== null) this.verdicts.set(id, right ? "right" : "wrong");
    return result;
  }
}
