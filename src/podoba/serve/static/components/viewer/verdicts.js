// Right and wrong, for a picture that a search has found; and the next one of its results.

import { say } from "../../core/announce.js";
import { collectionPath, post } from "../../core/api.js";
import { element } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { t } from "../../core/text.js";

/** @type {import("../../core/keys.js").Key[]} */
export const VERDICT_KEYS = [
  { code: "KeyR", text: "compare.key.right_mark" },
  { code: "KeyW", text: "compare.key.wrong_mark" },
  { code: "KeyN", text: "compare.key.next" },
  { code: "KeyP", text: "compare.key.previous" },
];
const SOURCES = /** @type {const} */ ({ id: "item", u: "upload", d: "descriptor", text: "text" });
const RESULTS = 200;

/** The part of a query that the address names, as the API takes it. @param {string} text @returns {Record<string, string> | null} */
export function partOf(text) {
  const found = /^(id|u|d|text):(.+)$/s.exec(text);
  if (!found) return null;
  const value = String(found[2]);
  return { [SOURCES[/** @type {keyof typeof SOURCES} */ (found[1])]]: found[1] === "u" ? String(value.split(".")[0]) : value };
}

/** What was marked of the results of a query. */
export class Verdicts {
  /** @type {string[]} ids, the most similar first */ results = [];
  /** @type {Map<string, boolean>} */ #marks = new Map();

  /**
   * @param {string} collection
   * @param {Record<string, string>} part
   * @param {(id: string) => void} go called with the result to look at
   */
  constructor(collection, part, go) {
    this.path = collectionPath(collection);
    this.part = part;
    this.go = go;
    this.current = "";
    const button = (/** @type {"check" | "close" | "left" | "right"} */ shape, /** @type {string} */ text, /** @type {() => void} */ run) =>
      element("button", { type: "button", on: { click: run } }, icon(shape), element("span", {}, t(text)));
    this.right = button("check", "compare.right", () => this.mark(true));
    this.wrong = button("close", "compare.wrong", () => this.mark(false));
    this.node = element("div", { class: "toolbar verdicts", role: "group", "aria-label": t("compare.verdict") }, this.right, this.wrong,
      button("left", "compare.previous", () => this.step(-1)), button("right", "compare.next", () => this.step(1)));
    this.actions = {
      "compare.key.right_mark": () => this.mark(true), "compare.key.wrong_mark": () => this.mark(false),
      "compare.key.next": () => this.step(1), "compare.key.previous": () => this.step(-1),
    };
  }

  /** Ask once for the results. */
  async load() {
    const found = await post(`${this.path}/search`, { query: [this.part], k: RESULTS, page: RESULTS });
    this.results = found.hits.map((/** @type {{id: string}} */ hit) => hit.id);
    this.#take(await post(`${this.path}/marks`, { query: this.part }));
    this.show(this.current);
  }

  /** @param {string} id of the result in view */
  show(id) {
    this.current = id;
    const mark = this.#marks.get(id);
    this.right.setAttribute("aria-pressed", String(mark === true));
    this.wrong.setAttribute("aria-pressed", String(mark === false));
  }

  /** Mark the result in view, or take the same mark back. @param {boolean} right */
  async mark(right) {
    const id = this.current;
    const again = this.#marks.get(id) === right;
    const [yes, no] = again ? [[], []] : right ? [[id], []] : [[], [id]];
    this.#take(await post(`${this.path}/marks`, { query: this.part, right: yes, wrong: no, clear: again ? [id] : [] }));
    say(t(again ? "compare.unmarked" : right ? "compare.is_right" : "compare.is_wrong"));
    if (id === this.current) this.show(id);
  }

  /** @param {{marks: {id: string, right: boolean}[]}} answer */
  #take({ marks }) {
    this.#marks = new Map(marks.map((mark) => [mark.id, mark.right]));
  }

  /** @param {1 | -1} by */
  step(by) {
    const next = this.results[this.results.indexOf(this.current) + by];
    if (next) this.go(next);
    else say(t("compare.no_more"));
  }
}
