// What the pictures are, by their attributes: values with how many pictures have them, ranges of numbers; each is a filter.

import { collectionPath, get } from "../core/api.js";
import { element, foreign, svg } from "../core/dom.js";
import { date, number, t } from "../core/text.js";
import { bounds, choose, chosen, limit, without } from "./where.js";

/**
 * @typedef {import("./where.js").Value} Value
 *
 * @typedef {object} Facet
 * @property {string} name
 * @property {"values" | "numbers"} kind
 * @property {{value: Value, count: number}[]} [values]
 * @property {{from: number, to: number, count: number}[]} [bins]
 * @property {number} missing pictures without it
 * @property {number | null} [min]
 * @property {number | null} [max]
 * @property {number} [distinct]
 */

const FEW = 8; // values shown at first
const OWN = new Set(["label", "width", "height", "format", "size", "modified"]); // of every collection; others are attributes of this one
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

export class Facets {
  /**
   * @param {string} collection
   * @param {(where: string) => void} changed called with the filter that was chosen
   */
  constructor(collection, changed) {
    this.collection = collection;
    this.changed = changed;
    this.where = "";
    /** @type {Set<string>} names of facets all of whose values are shown */
    this.whole = new Set();
    this.node = element("div", { class: "facets" });
    this.stop = new AbortController();
  }

  /**
   * Count again for a filter. What a facet asks for does not bound its own counts, so that another value can be added.
   * @param {string} where
   * @throws `Problem` where the filter is not understood
   */
  async show(where) {
    this.stop.abort();
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.where = where;
    const facets = await this.#count(where, signal);
    await Promise.all(
      facets.map(async (facet, place) => {
        const rest = without(where, facet.name);
        if (rest === where) return;
        const own = (await this.#count(rest, signal)).find((one) => one.name === facet.name);
        if (own) facets[place] = own;
      }),
    );
    if (signal.aborted) return;
    this.#draw(facets);
  }

  /**
   * @param {string} where
   * @param {AbortSignal} signal
   * @returns {Promise<Facet[]>}
   */
  async #count(where, signal) {
    const filter = where ? `?where=${encodeURIComponent(where)}` : "";
    return (await get(`${collectionPath(this.collection)}/facets${filter}`, { signal })).facets;
  }

  /** @param {Facet[]} facets */
  #draw(facets) {
    const active = /** @type {HTMLElement | null} */ (document.activeElement);
    const focused = this.node.contains(active) ? active?.dataset.facet : undefined;
    const parts = facets.map((facet) => (facet.kind === "values" || isFew(facet) ? this.#values(facet) : this.#range(facet)));
    const shown = parts.filter((part) => part !== null);
    this.node.replaceChildren(...(shown.length ? shown : [element("p", { class: "muted" }, t("finder.no_facets"))]));
    if (focused) /** @type {HTMLElement | null} */ (this.node.querySelector(`[data-facet="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {Facet} facet */
  #values(facet) {
    const { name } = facet;
    const picked = chosen(this.where, name);
    const listed = [...(facet.values ?? [])];
    if (facet.missing) listed.push({ value: null, count: facet.missing });
    for (const value of picked) if (!listed.some((one) => one.value === value)) listed.push({ value, count: 0 });
    if (listed.length < 2 && !picked.length) return null;
    const order = [...listed.filter((one) => picked.includes(one.value)), ...listed.filter((one) => !picked.includes(one.value))];
    const few = this.whole.has(name) ? order : order.slice(0, Math.max(FEW, picked.length));
    const chips = few.map(({ value, count }) => this.#chip(name, value, count, picked));
    const more = order.length > few.length && this.#more(name, order.length - few.length, facet);
    return element("fieldset", { class: "facet" }, element("legend", {}, facetName(name)), element("div", { class: "chips" }, ...chips), more);
  }

  /**
   * @param {string} name
   * @param {Value} value
   * @param {number} count
   * @param {Value[]} picked
   */
  #chip(name, value, count, picked) {
    const on = picked.includes(value);
    const change = () => {
      const others = chosen(this.where, name).filter((one) => one !== value); // as it is by now, not as it was when this was drawn
      this.changed(choose(this.where, name, on ? others : [...others, value]));
    };
    const box = element("input", {
      type: "checkbox",
      class: "hidden-text",
      checked: on,
      dataset: { facet: `${name}=${value}` },
      on: { change },
    });
    const said = value === null ? element("i", {}, t("finder.absent")) : foreign(saidValue(value));
    return element("label", { class: "chip" }, box, said, " ", element("span", { class: "chip-count" }, number(count)));
  }

  /**
   * @param {string} name
   * @param {number} hidden how many values
   * @param {Facet} facet
   */
  #more(name, hidden, facet) {
    const show = () => {
      this.whole.add(name);
      const section = button.closest("fieldset");
      const drawn = this.#values(facet);
      if (drawn) section?.replaceWith(drawn);
      /** @type {HTMLElement | undefined} */ (drawn?.querySelectorAll("input")[FEW])?.focus();
    };
    const button = element("button", { type: "button", class: "quiet facet-more", on: { click: show } }, t("finder.more_values", { n: hidden }));
    return button;
  }

  /** @param {Facet} facet */
  #range(facet) {
    const { name, min, max } = facet;
    const { least, most } = bounds(this.where, name);
    if (min === null || min === undefined || max === null || max === undefined) return null;
    if (min === max && least === null && most === null) return null;
    const read = (/** @type {HTMLInputElement} */ field) => (field.value.trim() === "" ? null : Number(field.value));
    const change = () => this.changed(limit(this.where, name, read(from), read(to)));
    const field = (/** @type {string} */ side, /** @type {number | null} */ value, /** @type {number} */ usual) =>
      element("input", {
        type: "number",
        step: "any",
        value: value === null ? null : String(value),
        placeholder: rounded(usual),
        "aria-label": t(`finder.${side}`, { name: plainName(name) }),
        dataset: { facet: `${name}.${side}` },
        on: { change },
      });
    const from = field("from", least, min);
    const to = field("to", most, max);
    return element(
      "fieldset",
      { class: "facet" },
      element("legend", {}, facetName(name)),
      histogram(facet, least, most),
      element("div", { class: "facet-range" }, from, element("span", { "aria-hidden": "true" }, "–"), to),
    );
  }
}

/** Whether its numbers are so few that each can be chosen by itself. @param {Facet} facet */
const isFew = ({ name, values = [], distinct = 0 }) => !OWN.has(name) && values.length > 0 && values.length === distinct && distinct <= FEW;

/**
 * How a facet is called: those that every collection has in the reader's language.
 * @param {string} name
 */
export function plainName(name) {
  if (name === "size") return t("finder.size_in_bytes");
  return OWN.has(name) ? t(`finder.column_${name}`) : name;
}

/**
 * A value as it is read.
 * @param {string | number} value
 */
export function saidValue(value) {
  if (typeof value === "number") return number(value, 4);
  return MOMENT.test(value) ? date(value) : value;
}

/** @param {string} name */
const facetName = (name) => (OWN.has(name) ? plainName(name) : foreign(name));

/** @param {number} value */
const rounded = (value) => String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));

/**
 * Bars of how many pictures have which numbers; those outside of the bounds are pale.
 * @param {Facet} facet
 * @param {number | null} least
 * @param {number | null} most
 */
function histogram({ bins = [] }, least, most) {
  const highest = Math.max(1, ...bins.map(({ count }) => count));
  const bars = bins.map(({ from, to, count }, place) => {
    const height = count ? Math.max(2, (28 * count) / highest) : 0;
    const inside = (least === null || to >= least) && (most === null || from <= most);
    return svg("rect", { class: inside ? "bar" : "bar is-outside", x: place * 10 + 0.5, y: 28 - height, width: 9, height });
  });
  return svg("svg", { class: "facet-bars", viewBox: `0 0 ${Math.max(1, bins.length) * 10} 28`, preserveAspectRatio: "none", "aria-hidden": "true" }, ...bars);
}
