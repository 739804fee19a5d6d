// What was enclosed on the map, or chosen as a group: its pictures, a search by them, a table of them.

import { toast } from "../../core/announce.js";
import { binary, collectionPath, get } from "../../core/api.js";
import { element, fill, foreign } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { explained } from "../../core/problems.js";
import { percent, t } from "../../core/text.js";
import { Catalogue } from "../catalogue.js";
import { Grid } from "../grid.js";

const EXAMPLES = 6; // pictures of a search by them
const JUDGED = 60; // pictures by which it is said what they mostly are
const AT_ONCE = 500; // items of one request
const USUAL = 1000; // width by height, in thousandths, of what is not known yet

export class Selection {
  /**
   * @param {HTMLElement} node
   * @param {import("../catalogue.js").Catalogue} catalogue what is known of items is shared with it
   * @param {{close: () => void, open: (number: number) => void}} handlers
   */
  constructor(node, catalogue, handlers) {
    this.node = node;
    this.collection = catalogue.collection;
    this.handlers = handlers;
    this.chosen = new Catalogue(this.collection, () => this.grid.refresh());
    this.chosen.items = catalogue.items;
    this.body = element("div", { class: "map-selection-body" });
    this.grid = new Grid({
      label: t("map.selected_pictures"), scroller: this.body, height: 110,
      open: (index) => handlers.open(Number(this.chosen.numbers[index])),
    });
    this.body.append(this.grid.node);
    this.reading = new AbortController();
    /** @type {Promise<Uint16Array> | null} width by height, in thousandths, by the items' numbers */
    this.aspects = null;
  }

  hide() {
    this.reading.abort();
    this.node.hidden = true;
  }

  /**
   * Show items; the first ones are a fair sample of them.
   * @param {Uint32Array} numbers
   * @param {string} name what was chosen
   */
  async show(numbers, name) {
    this.reading.abort();
    this.reading = new AbortController();
    const { signal } = this.reading;
    const search = element("a", { class: "button primary" }, icon("search"), t("map.search_these"));
    const mostly = element("p", { class: "muted" });
    const actions = numbers.length ? [search, element("button", { type: "button", on: { click: () => this.export(numbers) } }, icon("download"), t("map.export"))] : [];
    fill(this.node,
      element("header", {},
        element("div", {},
          element("h2", { tabindex: "-1" }, name, " ", element("span", { class: "muted" }, t("map.pictures", { n: numbers.length }))), mostly),
        element("div", { class: "map-actions" }, ...actions,
          element("button", { type: "button", class: "quiet", "aria-label": t("shell.close"), on: { click: this.handlers.close } }, icon("close")))),
      numbers.length ? this.body : element("p", {}, t("map.nothing_inside")));
    this.node.hidden = false;
    if (!numbers.length) return;
    try {
      await this.fill(numbers);
      const first = await this.items(numbers.subarray(0, JUDGED), signal);
      const query = first.slice(0, EXAMPLES).map((item) => `id:${item.id}`).join(" | ");
      search.href = `/c/${encodeURIComponent(this.collection)}/search?${new URLSearchParams({ q: query })}`;
      search.title = t("map.search_these_title", { n: Math.min(EXAMPLES, first.length) });
      const [label, share] = commonest(first.map((item) => item.label));
      if (label !== null) fill(mostly, t("map.mostly"), " ", foreign(label), ` (${percent(share)})`);
    } catch (error) {
      if (!signal.aborted) toast(explained(error), { urgent: true });
    }
  }

  /** @param {Uint32Array} numbers */
  async fill(numbers) {
    this.aspects ??= aspectsOf(this.collection);
    const aspects = await this.aspects.catch(() => new Uint16Array());
    this.chosen.numbers = Uint32Array.from(numbers);
    this.chosen.aspects = Uint16Array.from(numbers, (one) => aspects[one] || USUAL);
    this.body.scrollTop = 0;
    this.grid.show(this.chosen.source());
  }

  /**
   * @param {Uint32Array} numbers
   * @param {AbortSignal} signal
   * @param {(done: number) => void} [progress]
   * @returns {Promise<import("../catalogue.js").CatalogueItem[]>}
   */
  async items(numbers, signal, progress) {
    const found = [];
    for (let start = 0; start < numbers.length; start += AT_ONCE) {
      const some = numbers.subarray(start, start + AT_ONCE).join(",");
      found.push(...(await get(`${collectionPath(this.collection)}/items?numbers=${some}`, { signal })).items);
      progress?.(found.length);
    }
    return found;
  }

  /** Give the reader a table of what was chosen. @param {Uint32Array} numbers */
  async export(numbers) {
    const { signal } = this.reading;
    const note = element("span", { role: "status" });
    this.node.querySelector(".map-actions")?.prepend(note);
    try {
      const items = await this.items(numbers, signal, (done) => { note.textContent = t("map.exporting", { share: percent(done / numbers.length) }); });
      const rows = [["id", "name", "label"], ...items.map((item) => [item.id, item.name, item.label ?? ""])];
      const file = new Blob(rows.map((cells) => `${cells.map(quoted).join(",")}\n`), { type: "text/csv" });
      const link = element("a", { href: URL.createObjectURL(file), download: `${this.collection}-map.csv` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      note.textContent = t("map.exported", { n: items.length });
    } catch (error) {
      if (!signal.aborted) toast(explained(error), { urgent: true });
    }
  }
}

/** Width by height of all items, in thousandths, by their numbers. @param {string} collection */
async function aspectsOf(collection) {
  const data = await binary(`${collectionPath(collection)}/layout`);
  const count = new Uint32Array(data, 0, 1)[0] ?? 0;
  const numbers = new Uint32Array(data, 4, count);
  const aspects = new Uint16Array(data, 4 + 4 * count, count);
  const found = new Uint16Array(1 + numbers.reduce((most, one) => Math.max(most, one), 0));
  numbers.forEach((one, i) => { found[one] = /** @type {number} */ (aspects[i]); });
  return found;
}

/** A cell of a table, which no program takes for a formula. @param {string} text */
function quoted(text) {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** The most common label and its share. @param {(string | null)[]} labels @returns {[string | null, number]} */
function commonest(labels) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const label of labels) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best ? [best[0], best[1] / labels.length] : [null, 0];
}
