// The page of a search: what belongs to what.

import { say, toast } from "../core/announce.js";
import { address, collectionPath } from "../core/api.js";
import { element } from "../core/dom.js";
import { explained } from "../core/problems.js";
import { changed, read, write } from "../core/state.js";
import { isolated, t } from "../core/text.js";
import { askForBox } from "./crop.js";
import { Dropzone } from "./dropzone.js";
import { FilterPanel } from "./filter_panel.js";
import { HitGrid } from "./hit_grid.js";
import { Marks } from "./marks.js";
import { KnownParts } from "./part_facts.js";
import { Probability } from "./probability.js";
import { readState, writeState } from "./query.js";
import { asked, lessLike, replaced, turned, wantsSame } from "./query_edit.js";
import { Results, SORTS } from "./results.js";
import { Searcher } from "./searcher.js";
import { Sender } from "./sender.js";
import { StartGrid } from "./start_grid.js";
import { exportMenu, sortField } from "./toolbar.js";
import { Tray } from "./tray.js";

/**
 * @typedef {import("./query.js").Part} Part
 * @typedef {import("./query.js").SearchState} SearchState
 * @typedef {{name: string, items: number, capabilities: string[], model: {calibrated: boolean, words: boolean} | null}} CollectionFacts
 */

export class SearchView {
  /** @param {CollectionFacts} collection */
  constructor(collection) {
    this.collection = collection.name;
    this.model = collection.model;
    /** @type {SearchState} */
    this.state = readState(read());
    /** @type {Results | null} */
    this.results = null;
    this.searcher = new Searcher(this.collection);
    this.marks = new Marks({
      collection: this.collection,
      query: () => this.state.wanted[0],
      body: () => this.searcher.body(this.state),
      current: () => this.searcher.stop.signal,
      answered: (answer) => this.remarked(answer),
    });
    this.known = new KnownParts(this.collection);
    /** @type {string | null} what was last said of the results */
    this.said = null;
    this.field = new Dropzone({
      words: this.model?.words ?? false,
      pictures: (files, add) => void this.send(files, add),
      written: (words, add) => this.go({ ...asked(this.state, [{ kind: "text", value: words }], add), at: 0 }),
    });
    this.tray = new Tray({
      facts: (part) => this.known.of(part),
      change: (part, change) => this.change(part, { ...part, ...change }),
      remove: (part) => this.change(part, null),
      turn: (part) => this.go({ ...turned(this.state, part), at: 0 }),
      crop: (part) => void this.crop(part),
      pictures: (files) => void this.send(files, true),
    });
    this.sender = new Sender(this.tray);
    const whole = collection.capabilities.includes("browse"); // all its pictures can be listed and counted
    this.filter = new FilterPanel(this.collection, (where) => this.go({ where, at: 0 }), whole);
    this.probability = new Probability((p) => this.threshold(p));
    const orders = SORTS.map((sort) => /** @type {const} */ ([sort, t(`finder.sort_${sort || "usual"}`)]));
    this.sort = sortField(orders, (sort) => this.go({ sort, at: 0 }));
    const files = () => /** @type {const} */ (["csv", "json", "html"]).map((format) => ({ format, address: this.results?.file(format) ?? "" }));
    this.export = exportMenu(files);
    this.hits = new HitGrid(this);
    this.start = new StartGrid(this.collection, whole, (item) => this.searchBy(item));
    this.title = element("h1", {}, t("search.heading"));
    this.toolbar = element("div", { class: "toolbar", hidden: true }, this.filter.button, this.probability.node, this.sort.node, this.export);
    this.note = element("p", { class: "query-note", hidden: true });
    this.content = element("div", { class: "results" }, this.toolbar, this.filter.chips, this.note, this.hits.node);
    const head = element("div", { class: "query" }, this.title, this.field.node, this.sender.errors, this.tray.node);
    this.finder = element("div", { class: "finder" }, this.filter.node, this.content);
    this.node = element("div", { class: "search-page" }, head, this.finder, this.start.node);
    changed(() => {
      const state = readState(read());
      if (isSameSearch(state, this.state)) return; // of the address only the fragment is another
      this.state = state;
      this.marks.forget();
      void this.restore();
    });
    history.scrollRestoration = "manual";
  }

  /** Show what the address says. */
  async restore() {
    if (this.state.unknown.length) toast(t("search.unknown_parts", { parts: isolated(this.state.unknown.join(", ")) }), { urgent: true });
    this.draw();
    await this.search({ at: this.state.at });
  }

  /**
   * Change the state, tell the address, and search.
   * @param {Partial<SearchState>} changes
   */
  go(changes) {
    if (changes.wanted && !wantsSame(changes.wanted, this.state.wanted)) this.marks.forget();
    const inPlace = "sort" in changes && !needsSearch(this.state.sort, changes.sort ?? "");
    Object.assign(this.state, changes, { unknown: [] });
    write(writeState(this.state), { push: true });
    this.draw();
    if (inPlace) void this.read();
    else void this.search({ at: 0 });
  }

  /** What does not wait for an answer. */
  draw() {
    const { wanted, unwanted, sort } = this.state;
    const has = wanted.length > 0;
    this.tray.show(wanted, unwanted);
    this.field.hasQuery = has;
    const words = wanted.find((part) => part.kind === "text");
    this.field.words.value = words?.value ?? "";
    this.sort.show(sort);
    this.title.classList.toggle("hidden-text", has);
    this.node.classList.toggle("has-query", has);
    this.finder.hidden = !has;
    this.start.node.hidden = has;
    if (!has) void this.start.show();
  }

  /** @param {{at: number}} options index of the result to begin with */
  async search({ at }) {
    const signal = this.searcher.begin();
    const { state } = this;
    if (!state.wanted.length) return;
    this.content.setAttribute("aria-busy", "true");
    void this.filter.show(state.where);
    try {
      const { results, replaced } = await this.searcher.search(state, signal);
      if (signal.aborted) return;
      if (replaced) toast(t("search.upload_gone"));
      this.take(results);
      await this.read(at);
      if (!results.answer.marks) return;
      await this.marks.load();
      this.hits.grid.refresh();
    } catch (error) {
      if (/** @type {Error} */ (error).name !== "AbortError") this.fail(error);
    }
  }

  /** @param {Results} results of a search that was made */
  take(results) {
    const { answer } = results;
    const { wanted, unwanted } = this.state;
    this.results = results;
    [...wanted, ...unwanted].forEach((part, place) => {
      const its = [...answer.query, ...answer.not][place];
      if (!its) return;
      this.known.learn(part, its);
      if (part.kind === "upload" && its.descriptor) part.descriptor = its.descriptor;
    });
    write(writeState(this.state)); // a reload after the upload is gone needs the descriptor
    this.tray.show(wanted, unwanted);
    this.hits.anyway = false;
    this.hits.end = 0;
  }

  /**
   * Read as many results as the threshold, the order and the view need, and show them.
   * @param {number} [at] index of the result to begin with
   */
  async read(at) {
    const { results } = this;
    const { signal } = this.searcher.stop;
    if (!results) return;
    try {
      while (results.needsMore(this.state.p, this.state.sort, Math.max(at ?? 0, this.hits.end))) {
        await results.more(signal);
        if (signal.aborted || results !== this.results) return;
      }
      this.content.removeAttribute("aria-busy");
      this.show(at);
      const { textContent } = this.probability.says;
      if (textContent !== this.said) say(textContent ?? "");
      this.said = textContent;
    } catch (error) {
      if (/** @type {Error} */ (error).name !== "AbortError") this.fail(error);
    }
  }

  /** @param {number} [at] */
  show(at) {
    const { results, state } = this;
    if (!results) return;
    const { hits, similar } = results.ordered(state.p, state.sort);
    const above = hits.slice(0, similar).map((hit) => Number(hit.probability));
    const whole = results.next === null || similar < results.hits.length;
    this.probability.show({ calibrated: results.calibrated, words: results.answer.words, p: state.p, above, whole });
    this.toolbar.hidden = false;
    this.export.hidden = !hits.length;
    this.tellNotes();
    this.hits.show(hits, similar, { at, calibrated: results.calibrated });
  }

  /** What the results owe to marks, and whether the picture itself is in the collection. */
  tellNotes() {
    const answer = this.results?.answer;
    const own = answer?.itself?.[0];
    const notes = [];
    if (own && !this.state.wanted.some((part) => part.kind === "item")) notes.push(t("search.itself", { name: isolated(own.name ?? own.id) }));
    if (answer?.marks) notes.push(t("search.learned", { n: answer.marks }));
    this.note.hidden = !notes.length;
    this.note.textContent = notes.join(" ");
  }

  /** @param {unknown} error */
  fail(error) {
    this.content.removeAttribute("aria-busy");
    this.results = null;
    this.toolbar.hidden = false;
    this.probability.show({ calibrated: false, words: false, p: this.state.p, above: [], whole: true });
    this.probability.says.textContent = "";
    this.export.hidden = true;
    this.note.hidden = true;
    const text = this.filter.refuse(error) ? t("finder.wrong_filter") : explained(error);
    this.hits.fail(text, () => void this.search({ at: 0 }));
  }

  /** @param {number} p */
  threshold(p) {
    this.state.p = p;
    this.state.at = 0;
    this.hits.anyway = false;
    write(writeState(this.state));
    this.show(0);
    void this.read();
  }

  /**
   * @param {File[]} files
   * @param {boolean} add
   */
  async send(files, add) {
    const uploads = await this.sender.send(files);
    if (!uploads.length) return this.draw();
    const parts = uploads.map((one) => {
      /** @type {Part} */
      const part = { kind: "upload", value: one.upload };
      this.known.learn(part, one);
      return part;
    });
    return this.go({ ...asked(this.state, parts, add), at: 0 });
  }

  /**
   * Search by an item alone.
   * @param {{id: string, name: string, width: number, height: number}} item
   */
  searchBy(item) {
    this.go({ ...asked(this.state, [this.item(item)], false), at: 0 });
    scrollTo({ top: 0 });
  }

  /**
   * More or less like these.
   * @param {{id: string, name: string, width: number, height: number}[]} items
   * @param {boolean} wanted
   */
  refine(items, wanted) {
    const parts = items.map((item) => this.item(item));
    const query = wanted ? asked(this.state, parts, true) : lessLike(this.state, parts);
    if (query) this.go({ ...query, at: 0 });
    else toast(t("search.nothing_wanted"), { urgent: true });
  }

  /**
   * @param {{id: string, name: string, width: number, height: number}} item
   * @returns {Part}
   */
  item(item) {
    /** @type {Part} */
    const part = { kind: "item", value: item.id };
    this.known.learn(part, item);
    return part;
  }

  /**
   * Put another part in the place of one, or none.
   * @param {Part} part
   * @param {Part | null} other
   */
  change(part, other) {
    this.go({ ...replaced(this.state, part, other), at: 0 });
    if (!this.state.wanted.length) this.field.focus();
  }

  /** @param {Part} part */
  async crop(part) {
    const { name, width, height, thumbnail } = this.known.of(part);
    if (!width || !height || !thumbnail) return;
    const id = encodeURIComponent(part.value);
    const path = part.kind === "upload" ? `/uploads/${id}/preview` : `${collectionPath(this.collection)}/items/${id}/preview`;
    const box = await askForBox({ name, source: address(`${path}?side=1024`), spare: thumbnail, width, height, box: part.box });
    if (box === null) return;
    const { box: _, descriptor: __, ...whole } = part; // the descriptor was that of the other box
    this.change(part, box === "whole" ? whole : { ...whole, box });
  }

  /**
   * Show what is found after a mark, in the place of what was shown.
   * @param {import("./results.js").Answer} answer
   */
  async remarked(answer) {
    const { anyway } = this.hits;
    this.take(new Results(this.collection, answer));
    this.hits.anyway = anyway;
    await this.read();
  }
}

/**
 * @param {SearchState} one
 * @param {SearchState} other
 */
const isSameSearch = (one, other) => JSON.stringify({ ...one, at: 0 }) === JSON.stringify({ ...other, at: 0 });

/** Whether another order is another search. @param {string} one @param {string} other */
const needsSearch = (one, other) => (one === "varied") !== (other === "varied");
