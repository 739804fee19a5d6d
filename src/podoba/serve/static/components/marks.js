// What was marked right and wrong of a query in this visit, and the way back.

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

  /** Another query: its results were not marked in this visit. */
  forget() {
    this.verdicts.clear();
    this.steps = [];
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
    const answer = await this.#send(query, new Map(ids.map((id) => [id, verdict])), search);
    this.steps.push({ query, before: new Map(ids.map((id) => [id, this.verdicts.get(id) ?? null])) });
    for (const id of ids) this.#set(id, verdict);
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
    for (const [id, verdict] of step.before) this.#set(id, verdict);
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
    return (await post(`${collectionPath(this.collection)}/marks`, body)).result;
  }

  /**
   * @param {string} id
   * @param {Verdict | null} verdict
   */
  #set(id, verdict) {
    if (verdict) this.verdicts.set(id, verdict);
    else this.verdicts.delete(id);
  }
}
