// The results of a search in a grid: how surely each is similar, marks, the line beyond which they are not, and empty answers.

import { say } from "../core/announce.js";
import { thumbnail } from "../core/api.js";
import { element, fill } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { write } from "../core/state.js";
import { number, percent, t } from "../core/text.js";
import { compare } from "./compare.js";
import { Grid } from "./grid.js";
import { MARK_KEYS, QUERY_KEYS } from "./grid_keys.js";
import { showItem } from "./item_details.js";
import { SelectionBar } from "./selection_bar.js";

/**
 * @typedef {import("./results.js").Hit} Hit
 * @typedef {import("./search_view.js").SearchView} SearchView
 */

const RESTED = 300; // ms without scrolling after which the address says where one is

export class HitGrid {
  /** @param {SearchView} view */
  constructor(view) {
    this.view = view;
    /** @type {Hit[]} */
    this.hits = [];
    this.anyway = false;
    this.end = 0;
    this.timer = 0;
    this.bar = new SelectionBar(this.#ofSelected(), () => this.grid.clearSelection());
    this.grid = new Grid({
      label: t("search.results"),
      open: (index) => void this.#open(index),
      selected: (keys) => this.bar.show(keys),
      moved: (index) => this.#moved(index),
      keys: [...QUERY_KEYS, ...MARK_KEYS],
      actions: this.#byKey(),
    });
    this.message = element("div", { class: "empty", hidden: true });
    this.node = element("div", {}, this.message, this.grid.node, this.bar.node);
  }

  /**
   * @param {Hit[]} hits in their order, those that count as similar first
   * @param {number} similar how many these are
   * @param {{at?: number, calibrated: boolean}} options at: index of the result to begin with
   */
  show(hits, similar, { at, calibrated }) {
    this.hits = hits;
    const empty = hits.length > 0 && similar === 0 && !this.anyway;
    this.message.hidden = hits.length > 0 && similar > 0;
    if (!hits.length) this.#tell(t("finder.nothing_passes"), "", this.view.state.where ? [["finder.no_filters", () => this.view.go({ where: "", at: 0 })]] : []);
    else if (similar === 0) this.#tellNothingSimilar(hits);
    const shown = empty ? [] : hits;
    const hit = (/** @type {number} */ index) => /** @type {Hit} */ (shown[index]);
    this.grid.show(
      {
        count: shown.length,
        aspect: (index) => aspectOf(hit(index)),
        key: (index) => hit(index).id,
        name: (index) => hit(index).name,
        thumbnail: (index, side) => thumbnail(this.view.collection, hit(index).id, /** @type {192} */ (side)),
        decorate: (index) => this.#over(hit(index)),
        seen: (_, end) => this.#seen(end),
        ...(calibrated && similar < shown.length ? { line: similar, lineText: this.#line() } : {}),
      },
      { at },
    );
  }

  /**
   * @param {string} text why there are no results
   * @param {() => void} again
   */
  fail(text, again) {
    this.hits = [];
    this.#tell(text, "", [["search.again", again]]);
    this.message.hidden = false;
    this.grid.show({ count: 0, aspect: () => 1, key: String, name: String, thumbnail: () => "" });
  }

  /** @param {Hit[]} hits none of which counts as similar */
  #tellNothingSimilar(hits) {
    const nearest = Math.max(...hits.map((hit) => Number(hit.probability)));
    const show = () => {
      this.anyway = true;
      this.view.show(0);
      this.grid.focusOn(0);
    };
    /** @type {[string, () => void][]} */
    const actions = this.anyway ? [] : [["search.show_anyway", show]];
    if (this.view.state.where) actions.push(["finder.no_filters", () => this.view.go({ where: "", at: 0 })]);
    this.#tell(t("search.nothing_similar"), t("search.nearest", { share: percent(nearest) }), actions);
  }

  /**
   * @param {string} title
   * @param {string} text
   * @param {[string, () => void][]} actions
   */
  #tell(title, text, actions) {
    fill(
      this.message,
      element("h2", {}, title),
      ...(text ? [element("p", {}, text)] : []),
      ...(actions.length
        ? [element("div", { class: "empty-actions" }, ...actions.map(([key, run]) => element("button", { type: "button", on: { click: run } }, t(key))))]
        : []),
    );
    say(`${title} ${text}`);
  }

  #line() {
    return element("p", { class: "line-text" }, t("search.line", { share: percent(this.view.state.p) }));
  }

  /**
   * @param {Hit} hit
   * @returns {Node[]}
   */
  #over(hit) {
    const verdict = this.view.marks.verdicts.get(hit.id);
    const said = surety(hit);
    const button = (/** @type {"right" | "wrong"} */ its, /** @type {"yes" | "no"} */ shape) =>
      element(
        "button",
        {
          type: "button",
          tabindex: "-1",
          class: `cell-mark is-${its}`,
          title: t(`search.mark_${its}`),
          "aria-label": t(`search.mark_${its}_name`, { name: hit.name }),
          "aria-pressed": String(verdict === its),
          on: { click: () => void this.view.marks.mark([hit.id], verdict === its ? null : its) },
        },
        icon(shape),
      );
    return [
      element("span", { class: "cell-badge", "aria-hidden": "true", dataset: { said: [said, verdict ? t(`search.is_${verdict}`) : ""].filter(Boolean).join(", ") } }, said),
      element("span", { class: verdict ? "cell-marks has-mark" : "cell-marks" }, button("right", "yes"), button("wrong", "no")),
    ];
  }

  /** @param {number} end index behind the last result in view */
  #seen(end) {
    this.end = end;
    const { results, state } = this.view;
    if (results?.needsMore(state.p, state.sort, end) && !results.reading) void this.view.read();
  }

  /** @param {number} index of the first result in view */
  #moved(index) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.view.state.at = index;
      write({ at: index ? String(index) : null });
    }, RESTED);
  }

  /** @returns {Record<string, (index: number) => void>} */
  #byKey() {
    const hit = (/** @type {number} */ index) => this.hits.slice(index, index + 1);
    return {
      "grid.key.search": (index) => hit(index).forEach((one) => this.view.searchBy(one)),
      "grid.key.more": (index) => this.view.refine(hit(index), true),
      "grid.key.less": (index) => this.view.refine(hit(index), false),
      "grid.key.right_mark": (index) => void this.view.marks.mark(hit(index).map((one) => one.id), "right"),
      "grid.key.wrong_mark": (index) => void this.view.marks.mark(hit(index).map((one) => one.id), "wrong"),
      "grid.key.undo": () => void this.view.marks.undo(),
    };
  }

  /** @returns {import("./selection_bar.js").SelectionAction[]} */
  #ofSelected() {
    const hits = (/** @type {string[]} */ ids) => this.hits.filter((hit) => ids.includes(hit.id));
    const then = (/** @type {(ids: string[]) => void} */ run) => (/** @type {string[]} */ ids) => {
      this.grid.clearSelection();
      run(ids);
    };
    return [
      { text: "grid.key.right_mark", icon: "yes", run: then((ids) => void this.view.marks.mark(ids, "right")) },
      { text: "grid.key.wrong_mark", icon: "no", run: then((ids) => void this.view.marks.mark(ids, "wrong")) },
      { text: "grid.key.more", icon: "plus", run: then((ids) => this.view.refine(hits(ids), true)) },
      { text: "grid.key.less", icon: "minus", run: then((ids) => this.view.refine(hits(ids), false)) },
      { text: "finder.compare", icon: "compare", exactly: 2, run: ([left, right]) => compare(this.view.collection, String(left), String(right)) },
    ];
  }

  /** @param {number} index */
  async #open(index) {
    const { view } = this;
    const one = (/** @type {string} */ id) => this.hits.filter((hit) => hit.id === id);
    const verdict = (/** @type {string} */ id) => view.marks.verdicts.get(id);
    const mark = (/** @type {string} */ id, /** @type {import("./marks.js").Verdict} */ its) => void view.marks.mark([id], verdict(id) === its ? null : its);
    const query = view.state.wanted[0];
    const shown = [...this.hits]; // a mark changes the order, but not what is leafed through
    await showItem(index, {
      collection: view.collection,
      count: () => shown.length,
      item: async (place) => /** @type {Hit} */ (shown[place]),
      notes: (place) => [surety(/** @type {Hit} */ (shown[place]), true)].filter(Boolean),
      keys: [...QUERY_KEYS, ...MARK_KEYS],
      actions: [
        { text: "grid.key.search", icon: "search", closes: true, run: (id) => one(id).forEach((hit) => view.searchBy(hit)) },
        { text: "grid.key.more", icon: "plus", closes: true, run: (id) => view.refine(one(id), true) },
        { text: "grid.key.less", icon: "minus", closes: true, run: (id) => view.refine(one(id), false) },
        { text: "grid.key.right_mark", icon: "yes", run: (id) => mark(id, "right"), pressed: (id) => verdict(id) === "right" },
        { text: "grid.key.wrong_mark", icon: "no", run: (id) => mark(id, "wrong"), pressed: (id) => verdict(id) === "wrong" },
        ...(query?.kind === "item"
          ? [{ text: "finder.compare", icon: /** @type {const} */ ("compare"), run: (/** @type {string} */ id) => compare(view.collection, query.value, id, `id:${query.value}`) }]
          : []),
      ],
      left: (place) => this.grid.focusOn(Math.max(0, this.hits.findIndex((hit) => hit.id === shown[place]?.id))),
    });
  }
}

/**
 * How surely a result is similar, in words.
 * @param {Hit} hit
 * @param {boolean} [long]
 */
function surety({ probability, score, similarity }, long = false) {
  if (probability !== null && probability !== undefined) return long ? t("search.probability", { share: percent(probability) }) : percent(probability);
  if (score !== null && score !== undefined) return long ? t("search.score", { score: number(score, 1) }) : number(score, 1);
  return long ? t("search.similarity", { similarity: number(similarity, 3) }) : number(similarity, 2);
}

/** @param {Hit} hit */
const aspectOf = ({ width, height }) => (width && height ? width / height : 1);
