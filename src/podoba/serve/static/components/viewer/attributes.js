// What is known of two pictures, side by side: where they differ, or all of it.

import { element, fill, foreign } from "../../core/dom.js";
import { bytes, date, number, t } from "../../core/text.js";

/** @typedef {{id: string, name: string, uri: string | null, label: string | null, width: number, height: number, format: string, size: number, attributes: Record<string, unknown>}} Side */
/** @typedef {{name: Node | string, left: unknown, right: unknown, shown: (value: any) => Node | string}} Row */

const DATES = ["taken", "modified"];

/** @param {Side} left @param {Side} right @returns {Row[]} */
function rowsOf(left, right) {
  const text = (/** @type {unknown} */ value) => foreign(String(value));
  const size = (/** @type {Side} */ side) => (side.width && side.height ? [side.width, side.height] : null);
  const names = [...new Set([...Object.keys(left.attributes), ...Object.keys(right.attributes)])].sort();
  return [
    { name: t("viewer.name"), left: left.name, right: right.name, shown: text },
    { name: t("viewer.place"), left: left.uri, right: right.uri, shown: text },
    { name: t("viewer.label"), left: left.label, right: right.label, shown: text },
    { name: t("viewer.pixels"), left: size(left), right: size(right), shown: ([width, height]) => t("viewer.size", { width, height }) },
    { name: t("viewer.bytes"), left: left.size || null, right: right.size || null, shown: (value) => bytes(value) },
    { name: t("viewer.format"), left: left.format || null, right: right.format || null, shown: text },
    ...names.map((name) => ({ name: foreign(name), left: left.attributes[name] ?? null, right: right.attributes[name] ?? null, shown: shownAs(name) })),
  ];
}

/** @param {string} name @returns {(value: unknown) => Node | string} */
function shownAs(name) {
  return (value) => {
    if (DATES.includes(name) && typeof value === "string" && !Number.isNaN(Date.parse(value))) return date(value);
    if (typeof value === "number") return number(value, 6);
    return foreign(typeof value === "string" ? value : JSON.stringify(value));
  };
}

/** A table of what differs, with a switch for all. */
export class Attributes {
  #all = false;

  constructor() {
    this.body = element("tbody");
    this.box = element("input", { type: "checkbox", on: { change: () => this.toggle(this.box.checked) } });
    this.none = element("p", { class: "muted" }, t("viewer.no_difference"));
    this.table = element("table", {},
      element("caption", { class: "hidden-text" }, t("viewer.attributes")),
      element("thead", {}, element("tr", {}, ...["viewer.what", "viewer.left", "viewer.right"].map((key) => element("th", { scope: "col" }, t(key))))),
      this.body);
    this.node = element("section", { class: "viewer-attributes", "aria-label": t("viewer.attributes") },
      element("div", { class: "toolbar" }, element("h2", {}, t("viewer.attributes")), element("label", {}, this.box, t("viewer.all"))),
      element("div", { class: "scroll-x" }, this.table), this.none);
    /** @type {Row[]} */
    this.rows = [];
  }

  /** @param {Side} left @param {Side} right */
  show(left, right) {
    this.rows = rowsOf(left, right).filter((row) => row.left !== null || row.right !== null);
    this.#draw();
  }

  /** Show all, or only what differs. @param {boolean} [all] */
  toggle(all = !this.#all) {
    this.#all = this.box.checked = all;
    this.#draw();
  }

  #draw() {
    const differs = (/** @type {Row} */ row) => JSON.stringify(row.left) !== JSON.stringify(row.right);
    const shown = this.rows.filter((row) => this.#all || differs(row));
    fill(this.body, ...shown.map((row) => element("tr", { class: differs(row) ? "differs" : "" },
      element("th", { scope: "row" }, row.name),
      ...[row.left, row.right].map((value) => element("td", {}, value === null ? element("span", { class: "muted" }, t("viewer.absent")) : row.shown(value))))));
    this.table.hidden = !shown.length;
    this.none.hidden = shown.length > 0;
  }
}
