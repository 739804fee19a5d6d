// The confusion matrices of two models side by side; an entry lists its queries and what each model found.

import { confusionMatrix } from "../charts/matrix.js";
import { get, thumbnail } from "../core/api.js";
import { element, foreign } from "../core/dom.js";
import { explained } from "../core/problems.js";
import { read, write } from "../core/state.js";
import { isolated, percent, t } from "../core/text.js";
import { fixed } from "./chart_words.js";

/**
 * @typedef {{shares: number[], precision: number | null, model: string}} Side
 * @typedef {{k: number, classes: string[], all_classes: number, common: number, sampled: number, labelled: number, a: Side, b: Side, worst: {query: string, found: string}[]}} Confusion
 * @typedef {{id: string, name: string, label: string | null}} Item
 * @typedef {{count: number, items: Item[]}} Found
 * @typedef {{query: string, found: string, of: number, queries: {item: Item, a: Found, b: Found}[]}} Entry
 */

const SIDES = /** @type {const} */ (["a", "b"]);

export class TwoConfusions {
  constructor() {
    this.body = element("div");
    this.details = element("div", { class: "entry-details", "aria-live": "polite" });
    this.node = element("section", { class: "confusions", "aria-labelledby": "confusions-title" },
      element("h2", { id: "confusions-title" }, t("two_models.confusion")), this.body, this.details);
    /** @type {[number, number] | null} */
    this.chosen = null;
    /** @type {Confusion | null} */
    this.confusion = null;
    this.a = this.b = "";
  }

  /** @param {string} a @param {string} b @param {boolean} labels whether any picture has one */
  async show(a, b, labels) {
    if (!labels) { this.say(t("two_models.no_labels")); return; }
    if (this.confusion && this.a === a && this.b === b) return;
    this.a = a;
    this.b = b;
    this.say(t("two_models.computing"));
    try {
      /** @type {Confusion} */
      const confusion = await get(`/comparison/confusion?${new URLSearchParams({ a, b })}`);
      this.confusion = confusion;
      if (confusion.classes.length) this.draw(confusion);
      else this.say(t(confusion.common ? "two_models.no_labels" : "two_models.nothing_common"));
    } catch (error) {
      this.say(explained(error));
    }
  }

  /** @param {string} text */
  say(text) {
    this.body.replaceChildren(element("p", { role: "status", class: "muted" }, text));
  }

  /** @param {Confusion} confusion */
  draw(confusion) {
    const { classes, k, sampled, labelled, all_classes: all } = confusion;
    const quick = confusion.worst.map(({ query, found }) => element("button", { type: "button", on: { click: () => this.choose(classes.indexOf(query), classes.indexOf(found)) } },
      foreign(query), " → ", foreign(found)));
    this.body.replaceChildren(
      element("p", {}, t("two_models.confusion_text", { n: k }), " ", t("two_models.sample", { n: sampled, of: labelled }),
        ...(all > classes.length ? [" ", t("two_models.some_classes", { n: classes.length, of: all })] : [])),
      quick.length ? element("div", { class: "tools", role: "group", "aria-label": t("two_models.differ") }, element("span", { class: "muted" }, t("two_models.differ")), ...quick) : "",
      element("div", { class: "matrices" }, ...SIDES.map((which) => this.matrix(confusion, which))));
    const [row, column] = ["row", "column"].map((name) => classes.indexOf(read().get(name) ?? ""));
    if (row !== undefined && column !== undefined && row >= 0 && column >= 0) this.choose(row, column);
  }

  /** @param {Confusion} confusion @param {"a" | "b"} which */
  matrix(confusion, which) {
    const { classes } = confusion;
    const { shares, precision, model } = confusion[which];
    const picture = confusionMatrix({
      classes, shares, number: fixed,
      label: t("two_models.matrix", { model: isolated(model) }),
      facts: { side: which },
      chosen: () => this.chosen,
      choose: (row, column) => this.choose(row, column),
      describe: (row, column) => t("two_models.share", {
        query: isolated(classes[row] ?? ""), found: isolated(classes[column] ?? ""), share: percent(shares[row * classes.length + column] ?? 0, 1) }),
    });
    return element("figure", { class: "matrix" },
      element("figcaption", {}, precision === null ? foreign(model) : t("two_models.matrix_precision", { model: isolated(model), share: percent(precision, 1) })), picture);
  }

  /** @param {number} row @param {number} column */
  choose(row, column) {
    const classes = this.confusion?.classes ?? [];
    const [query, found] = [classes[row] ?? "", classes[column] ?? ""];
    this.chosen = [row, column];
    write({ row: query, column: found });
    for (const one of this.body.querySelectorAll("rect")) one.classList.toggle("chosen", one.dataset.row === String(row) && one.dataset.column === String(column));
    void this.list(query, found);
  }

  /** @param {string} query @param {string} found */
  async list(query, found) {
    const title = element("h3", {}, t("two_models.entry", { query: isolated(query), found: isolated(found) }));
    if (query === found) { this.details.replaceChildren(title, element("p", {}, t("two_models.entry_same"))); return; }
    const path = `/comparison/confusion/entry?${new URLSearchParams({ a: this.a, b: this.b, query, found })}`;
    try {
      /** @type {Entry} */
      const entry = await get(path);
      const still = this.chosen && this.confusion?.classes[this.chosen[0]] === query && this.confusion.classes[this.chosen[1]] === found;
      if (still) this.details.replaceChildren(title, ...this.queries(entry));
    } catch (error) {
      this.details.replaceChildren(title, element("p", { role: "alert" }, explained(error)));
    }
  }

  /** @param {Entry} entry */
  queries({ queries, of }) {
    if (!queries.length) return [element("p", {}, t("two_models.entry_none"))];
    return [
      element("p", { class: "muted" }, t("two_models.entry_some", { n: queries.length, of })),
      ...queries.map((one) => element("div", { class: "entry-query" },
        element("div", {}, element("h4", {}, t("two_models.query")), this.picture(one.item, "a")),
        ...SIDES.map((which) => element("div", {},
          element("h4", {}, t("two_models.found_by", { model: isolated(this.confusion?.[which].model ?? ""), n: one[which].count })),
          one[which].items.length ? element("div", { class: "entry-found" }, ...one[which].items.map((item) => this.picture(item, which)))
            : element("p", { class: "muted" }, t("two_models.none_here")))))),
    ];
  }

  /** @param {Item} item @param {"a" | "b"} which */
  picture(item, which) {
    const collection = which === "a" ? this.a : this.b;
    const href = `/compare?${new URLSearchParams({ a: this.a, b: this.b, q: `id:${item.id}` })}`;
    return element("a", { href, class: "entry-picture", title: t("two_models.search_by") }, element("img", { src: thumbnail(collection, item.id, 96), alt: item.name, loading: "lazy" }));
  }
}
