// The page that shows a whole collection: what belongs to what.

import { say } from "../core/announce.js";
import { element, fill } from "../core/dom.js";
import { explained } from "../core/problems.js";
import { changed, read, write } from "../core/state.js";
import { t } from "../core/text.js";
import { Catalogue } from "./catalogue.js";
import { compare } from "./compare.js";
import { FilterPanel } from "./filter_panel.js";
import { Grid } from "./grid.js";
import { QUERY_KEYS } from "./grid_keys.js";
import { showItem } from "./item_details.js";
import { readState, writeState } from "./query.js";
import { SelectionBar } from "./selection_bar.js";
import { sortField } from "./toolbar.js";

const ORDERS = /** @type {const} */ ([["", "usual"], ["-added", "newest"], ["name", "name"], ["label", "label"], ["-size", "largest"], ["size", "smallest"]]);
const RESTED = 300; // ms without scrolling after which the address says where one is
const SEARCH_KEYS = QUERY_KEYS.filter((key) => key.text === "grid.key.search");

export class BrowseView {
  /**
   * @param {string} collection
   * @param {string[]} attributes by which it can be ordered
   */
  constructor(collection, attributes) {
    this.collection = collection;
    this.state = readState(read());
    this.stop = new AbortController();
    this.timer = 0;
    this.catalogue = new Catalogue(collection, () => this.grid.refresh());
    this.filter = new FilterPanel(collection, (where) => this.go({ where, at: 0 }));
    const orders = [
      ...ORDERS.map(([order, name]) => [order, t(`browse.order_${name}`)]),
      ...attributes.flatMap((one) => [[one, t("browse.order_up", { name: one })], [`-${one}`, t("browse.order_down", { name: one })]]),
    ];
    this.sort = sortField(/** @type {[string, string][]} */ (orders), (sort) => this.go({ sort, at: 0 }));
    this.bar = new SelectionBar(this.#ofSelected(), () => this.grid.clearSelection());
    this.grid = new Grid({
      label: t("browse.pictures"),
      open: (index) => void this.#open(index),
      selected: (keys) => this.bar.show(keys),
      moved: (index) => this.#moved(index),
      keys: SEARCH_KEYS,
      actions: { "grid.key.search": (index) => void this.#search([Number(this.catalogue.numbers[index])]) },
    });
    this.count = element("p", { class: "count" });
    this.message = element("div", { class: "empty", hidden: true });
    const toolbar = element("div", { class: "toolbar" }, this.filter.button, this.count, this.sort.node);
    this.content = element("div", { class: "results" }, toolbar, this.filter.chips, this.message, this.grid.node, this.bar.node);
    this.node = element("div", { class: "browse-page" }, element("h1", { class: "hidden-text" }, t("browse.heading")), element("div", { class: "finder" }, this.filter.node, this.content));
    changed(() => {
      const state = readState(read());
      if (state.where === this.state.where && state.sort === this.state.sort) return; // of the address only the fragment is another
      this.state = state;
      void this.restore();
    });
    history.scrollRestoration = "manual";
  }

  /** Show what the address says. */
  async restore() {
    await this.#load(this.state.at);
  }

  /** @param {{where?: string, sort?: string, at: number}} changes */
  go(changes) {
    Object.assign(this.state, changes);
    write(writeState(this.state), { push: true });
    void this.#load(0);
  }

  /** @param {number} at index of the picture to begin with */
  async #load(at) {
    this.stop.abort();
    this.stop = new AbortController();
    const { signal } = this.stop;
    const { where, sort } = this.state;
    this.sort.show(sort);
    this.content.setAttribute("aria-busy", "true");
    void this.filter.show(where);
    try {
      await this.catalogue.load({ where, sort, signal });
      const { length } = this.catalogue.numbers;
      this.grid.show(this.catalogue.source(), { at });
      this.count.textContent = t("browse.count", { n: length });
      say(this.count.textContent);
      this.#tell(length ? null : t("finder.nothing_passes"));
    } catch (error) {
      if (/** @type {Error} */ (error).name === "AbortError") return;
      this.#tell(this.filter.refuse(error) ? t("finder.wrong_filter") : explained(error));
      this.grid.show({ count: 0, aspect: () => 1, key: String, name: String, thumbnail: () => "" });
      this.count.textContent = "";
    }
    this.content.removeAttribute("aria-busy");
  }

  /** @param {string | null} text in the place of pictures */
  #tell(text) {
    this.message.hidden = text === null;
    const all = element("button", { type: "button", on: { click: () => this.go({ where: "", at: 0 }) } }, t("finder.no_filters"));
    fill(this.message, ...(text === null ? [] : [element("h2", {}, text), ...(this.state.where ? [all] : [])]));
  }

  /** @param {number} index of the first picture in view */
  #moved(index) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.state.at = index;
      write({ at: index ? String(index) : null });
    }, RESTED);
  }

  /** @param {number} index */
  async #open(index) {
    await showItem(index, {
      collection: this.collection,
      count: () => this.catalogue.numbers.length,
      item: (place) => this.catalogue.item(place),
      keys: SEARCH_KEYS,
      actions: [{ text: "grid.key.search", icon: "search", run: (id) => this.#searchBy([id]) }],
      left: (place) => this.grid.focusOn(place),
    });
  }

  /** @returns {import("./selection_bar.js").SelectionAction[]} */
  #ofSelected() {
    return [
      { text: "browse.search_by", icon: "search", run: (keys) => void this.#search(keys.map(Number)) },
      {
        text: "finder.compare",
        icon: "compare",
        exactly: 2,
        run: async (keys) => {
          const [left, right] = await this.#ids(keys.map(Number));
          compare(this.collection, String(left), String(right));
        },
      },
    ];
  }

  /** @param {number[]} numbers */
  async #search(numbers) {
    this.#searchBy(await this.#ids(numbers));
  }

  /** @param {number[]} numbers */
  async #ids(numbers) {
    return (await Promise.all(numbers.map((number) => this.catalogue.ofNumber(number)))).map((item) => item.id);
  }

  /** @param {string[]} ids */
  #searchBy(ids) {
    const { q } = writeState({ ...this.state, wanted: ids.map((id) => ({ kind: "item", value: id })), unwanted: [] });
    location.assign(`/c/${encodeURIComponent(this.collection)}/search?${new URLSearchParams({ q: q ?? "" })}`);
  }
}
