// What is marked right and wrong of a query, and the way back; each mark is answered by results that have learned from it.

import { say, toast } from "../core/announce.js";
import { collectionPath, post } from "../core/api.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";
import { partOfRequest } from "./query.js";

/**
 * @typedef {import("./query.js").Part} Part
 * @typedef {import("./results.js").Answer} Answer
 * @typedef {"right" | "wrong"} Verdict
 *
 * @typedef {object} MarksOptions
 * @property {string} collection
 * @property {() => Part | undefined} query which the results are answers to
 * @property {() => Promise<unknown>} body of the search that is made again
 * @property {() => AbortSignal} current aborted when another search is begun, beside which the answer is out of date
 * @property {(answer: Answer) => Promise<void>} answered
 */

export class Marks {
  /** @param {MarksOptions} options */
  constructor(options) {
    this.options = options;
    /** @type {Map<string, Verdict>} by the ids of items */
    this.verdicts = new Map();
    /** @type {{query: Part, before: Map<string, Verdict | null>}[]} the steps that can be undone, the last one last */
    this.steps = [];
    this.queue = Promise.resolve();
  }

  /** Another query has other marks. */
  forget() {
    this.verdicts.clear();
    this.steps = [];
  }

  /** Read what was marked at earlier visits. */
  async load() {
    const query = this.options.query();
    if (query) await this.#send(query, new Map(), null);
  }

  /**
   * Mark items, or take their marks away, and search again.
   * @param {string[]} ids
   * @param {Verdict | null} verdict
   */
  mark(ids, verdict) {
    return this.#next(async () => {
      const query = this.options.query();
      if (!query || !ids.length) return null;
      const before = new Map(ids.map((id) => [id, this.verdicts.get(id) ?? null]));
      const answer = await this.#send(query, new Map(ids.map((id) => [id, verdict])), await this.options.body());
      this.steps.push({ query, before });
      toast(t(`search.marked_${verdict ?? "not"}`, { n: ids.length }), { action: t("search.undo"), run: () => void this.undo() });
      return answer;
    });
  }

  /** Take the last step back, and search again. */
  undo() {
    return this.#next(async () => {
      const step = this.steps.at(-1);
      if (!step) {
        say(t("search.nothing_to_undo"));
        return null;
      }
      const answer = await this.#send(step.query, step.before, await this.options.body());
      this.steps.pop();
      say(t("search.undone"));
      return answer;
    });
  }

  /**
   * One step after the other: each is answered by the results as they are then.
   * @param {() => Promise<Answer | null>} step
   */
  #next(step) {
    this.queue = this.queue.then(async () => {
      try {
        const signal = this.options.current();
        const answer = await step();
        if (answer && !signal.aborted) await this.options.answered(answer);
      } catch (error) {
        toast(explained(error), { urgent: true });
      }
    });
    return this.queue;
  }

  /**
   * @param {Part} query
   * @param {Map<string, Verdict | null>} verdicts
   * @param {unknown} search
   * @returns {Promise<Answer>}
   */
  async #send(query, verdicts, search) {
    const of = (/** @type {Verdict | null} */ verdict) => [...verdicts].filter(([, its]) => its === verdict).map(([id]) => id);
    const body = { query: partOfRequest(query), right: of("right"), wrong: of("wrong"), clear: of(null), search };
    const { marks, result } = await post(`${collectionPath(this.options.collection)}/marks`, body);
    this.verdicts.clear();
    for (const { id, right } of marks) if (id !== null) this.verdicts.set(id, right ? "right" : "wrong");
    return result;
  }
}
