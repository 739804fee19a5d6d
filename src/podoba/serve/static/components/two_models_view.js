// The page of two models: which collections, one query, both answers, and the classes that are confused.

import { toast } from "../core/announce.js";
import { address, collectionPath, post, thumbnail } from "../core/api.js";
import { element } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { explained } from "../core/problems.js";
import { changed, read, write } from "../core/state.js";
import { t } from "../core/text.js";
import { choice } from "./chart_words.js";
import { askForBox } from "./crop.js";
import { Dropzone } from "./dropzone.js";
import { KnownParts } from "./part_facts.js";
import { partOfRequest, readState, writeState } from "./query.js";
import { asked, replaced, turned } from "./query_edit.js";
import { rankedPair } from "./ranked_pair.js";
import { Sender } from "./sender.js";
import { StartGrid } from "./start_grid.js";
import { Tray } from "./tray.js";
import { TwoConfusions } from "./two_confusions.js";

/**
 * @typedef {import("./query.js").Part} Part
 * @typedef {import("./query.js").SearchState} SearchState
 * @typedef {import("./ranked_pair.js").Comparison} Comparison
 * @typedef {{name: string, labels: boolean, model: {name: string, words: boolean} | null}} CollectionFacts
 */

const COUNTS = ["10", "20", "50"];
const USUAL = "20";

export class TwoModelsView {
  /** @param {CollectionFacts[]} collections that can be searched; two at least */
  constructor(collections) {
    this.collections = collections;
    this.stop = new AbortController();
    this.a = this.b = "";
    this.k = USUAL;
    /** @type {SearchState} */
    this.state = readState(new URLSearchParams());
    this.readAddress();
    this.field = new Dropzone({
      words: [this.a, this.b].every((name) => this.facts(name).model?.words),
      pictures: (files, add) => void this.send(files, add),
      written: (words, add) => this.go(asked(this.state, [{ kind: "text", value: words }], add)),
    });
    this.tray = new Tray({
      facts: (part) => this.known(part),
      change: (part, change) => this.go(replaced(this.state, part, { ...part, ...change })),
      remove: (part) => this.go(replaced(this.state, part, null)),
      turn: (part) => this.go(turned(this.state, part)),
      crop: (part) => void this.crop(part),
      pictures: (files) => void this.send(files, true),
    });
    this.sender = new Sender(this.tray);
    this.parts = new KnownParts(this.a);
    /** @type {Map<string, string>} by the id of an item of the query, the collection that has it */
    this.homes = new Map();
    this.choices = element("div", { class: "tools" });
    this.answer = element("div", { class: "answer", "aria-live": "off" });
    this.start = new StartGrid(this.a, true, (item) => this.searchBy(item.id, this.a));
    this.confusions = new TwoConfusions();
    this.node = element("div", { class: "two-models" },
      element("div", { class: "two-models-head" }, element("h1", {}, t("two_models.title")), element("p", { class: "muted" }, t("two_models.lead")), this.choices),
      element("div", { class: "query has-query" }, this.field.node, this.sender.errors, this.tray.node),
      this.start.node, this.answer, this.confusions.node);
    changed(() => {
      this.readAddress();
      void this.restore();
    });
  }

  /** Show what the address says. */
  async restore() {
    this.drawChoices();
    this.draw();
    void this.confusions.show(this.a, this.b, this.facts(this.a).labels);
    await this.compare();
  }

  readAddress() {
    const parameters = read();
    const names = this.collections.map((one) => one.name);
    const a = parameters.get("a") ?? "";
    this.a = names.includes(a) ? a : String(names[0]);
    const b = parameters.get("b") ?? "";
    this.b = names.includes(b) && b !== this.a ? b : String(names.find((name) => name !== this.a));
    const k = parameters.get("k") ?? USUAL;
    this.k = COUNTS.includes(k) ? k : USUAL;
    this.state = readState(parameters);
  }

  /** @param {string} name @returns {CollectionFacts} */
  facts(name) {
    return /** @type {CollectionFacts} */ (this.collections.find((one) => one.name === name));
  }

  /** Another query: the address tells it, and both are asked. @param {Partial<SearchState>} changes */
  go(changes) {
    Object.assign(this.state, changes);
    const { q, not, box } = writeState({ ...this.state, wanted: this.state.wanted.map(plain), unwanted: this.state.unwanted.map(plain) });
    write({ a: this.a, b: this.b, q: q ?? null, not: not ?? null, box: box ?? null }, { push: true });
    this.draw();
    void this.compare();
  }

  /** Other collections, or another number of results. @param {Record<string, string | null>} parameters */
  turnTo(parameters) {
    write(parameters, { push: true });
    location.reload(); // everything on the page is of the two collections
  }

  drawChoices() {
    const options = this.collections.map(({ name, model }) => /** @type {[string, string]} */ ([name, model ? t("two_models.collection", { name, model: model.name }) : name]));
    const side = (/** @type {"a" | "b"} */ own, /** @type {"a" | "b"} */ other) => (/** @type {string} */ name) =>
      this.turnTo(name === this[other] ? { a: this.b, b: this.a } : { [own]: name, [other]: this[other], query: null, found: null });
    this.choices.replaceChildren(choice(t("two_models.left"), options, this.a, side("a", "b")),
      element("button", { type: "button", on: { click: () => this.turnTo({ a: this.b, b: this.a }) } }, icon("compare"), t("two_models.swap")),
      choice(t("two_models.right"), options, this.b, side("b", "a")),
      choice(t("two_models.k"), COUNTS.map((count) => [count, count]), this.k, (k) => {
        this.k = k;
        write({ k: k === USUAL ? null : k });
        void this.compare();
      }));
  }

  draw() {
    const has = this.state.wanted.length > 0;
    this.field.hasQuery = has;
    this.tray.show(this.state.wanted, this.state.unwanted);
    this.start.node.hidden = has;
    this.answer.hidden = !has;
    if (!has) void this.start.show();
  }

  async compare() {
    this.stop.abort();
    const { signal } = (this.stop = new AbortController());
    const { wanted, unwanted } = this.state;
    if (!wanted.length) return;
    this.answer.setAttribute("aria-busy", "true");
    const body = { a: this.a, b: this.b, k: Number(this.k), query: wanted.map(plain).map(partOfRequest), not: unwanted.map(plain).map(partOfRequest) };
    try {
      /** @type {Comparison} */
      const found = await post("/comparison", body, { signal });
      this.learn(found);
      this.answer.replaceChildren(rankedPair(found, (id, collection) => this.searchBy(id, collection)));
    } catch (error) {
      if (/** @type {Error} */ (error).name === "AbortError") return;
      this.answer.replaceChildren(element("p", { role: "alert", class: "empty" }, explained(error)));
    }
    this.answer.removeAttribute("aria-busy");
  }

  /** What an answer says of the parts of the query. @param {Comparison} found */
  learn(found) {
    [...this.state.wanted, ...this.state.unwanted].forEach((part, place) => {
      const said = [...found.query, ...found.not][place];
      if (!said) return;
      this.parts.learn(part, said);
      if (said.collection) this.homes.set(part.value, said.collection);
    });
    this.tray.show(this.state.wanted, this.state.unwanted);
  }

  /** @param {Part} part */
  known(part) {
    const home = this.homes.get(part.value);
    const facts = this.parts.of(part);
    return part.kind === "item" ? { ...facts, thumbnail: home ? thumbnail(home, part.value, 192) : null } : facts;
  }

  /** @param {string} id @param {string} collection that has this item */
  searchBy(id, collection) {
    this.homes.set(id, collection);
    this.go({ wanted: [{ kind: "item", value: id }], unwanted: [] });
    this.node.scrollIntoView();
  }

  /** @param {File[]} files @param {boolean} add */
  async send(files, add) {
    const uploads = await this.sender.send(files);
    if (!uploads.length) return this.draw();
    return this.go(asked(this.state, uploads.map((one) => {
      const part = /** @type {Part} */ ({ kind: "upload", value: one.upload });
      this.parts.learn(part, one);
      return part;
    }), add));
  }

  /** @param {Part} part */
  async crop(part) {
    const { name, width, height, thumbnail: spare } = this.known(part);
    if (!width || !height || !spare) { toast(t("problems.not_found"), { urgent: true }); return; }
    const id = encodeURIComponent(part.value);
    const path = part.kind === "upload" ? `/uploads/${id}/preview` : `${collectionPath(this.homes.get(part.value) ?? this.a)}/items/${id}/preview`;
    const box = await askForBox({ name, source: address(`${path}?side=1024`), spare, width, height, box: part.box });
    if (box === null) return;
    const { box: _, ...whole } = part;
    this.go(replaced(this.state, part, box === "whole" ? whole : { ...whole, box }));
  }
}

/** A part without its descriptor, which is of one model alone. @param {Part} part @returns {Part} */
function plain({ descriptor: _, ...part }) {
  return part;
}
