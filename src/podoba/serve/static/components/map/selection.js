// What was enclosed on the map, or chosen as a group: its pictures, a search by them, a table of them.

import { toast } from "../../core/announce.js";
import { element, fill, foreign } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { explained } from "../../core/problems.js";
import { number, percent, t } from "../../core/text.js";
import { pictureOf } from "./landmarks.js";

const SHOWN = 60; // pictures at first, and with each "more"
const EXAMPLES = 6; // pictures of a search by them

export class Selection {
  /**
   * @param {HTMLElement} node
   * @param {string} collection
   * @param {import("./items.js").Items} items
   * @param {{close: () => void, open: (i: number) => void}} handlers
   */
  constructor(node, collection, items, handlers) {
    this.node = node;
    this.collection = collection;
    this.items = items;
    this.handlers = handlers;
    /** @type {AbortController} */
    this.reading = new AbortController();
  }

  hide() {
    this.reading.abort();
    this.node.hidden = true;
    fill(this.node);
  }

  /**
   * Show points; their order is shuffled, so that the first ones are a fair sample.
   * @param {import("./points.js").Points} points
   * @param {number[]} chosen positions
   * @param {string} name what was chosen
   */
  show(points, chosen, name) {
    this.reading.abort();
    this.reading = new AbortController();
    const numbers = chosen.map((i) => /** @type {number} */ (points.numbers[i]));
    const list = element("ul", { class: "map-pictures" });
    const said = element("p", { class: "muted" });
    const more = element("button", { type: "button", on: { click: () => this.more(list, more, numbers, chosen) } });
    const search = element("a", { class: "map-action", "aria-disabled": "true" }, icon("search"), t("map.search_these"));
    fill(this.node,
      element("header", {},
        element("div", {}, element("h2", { tabindex: "-1" }, name, " ", element("span", { class: "muted" }, t("map.pictures", { n: chosen.length }))), said),
        element("div", { class: "map-actions" },
          ...(chosen.length ? [search, element("button", { type: "button", on: { click: () => this.export(numbers) } }, t("map.export"))] : []),
          element("button", { type: "button", class: "quiet", "aria-label": t("shell.close"), on: { click: this.handlers.close } }, icon("close")))),
      ...(chosen.length ? [list, more] : [element("p", {}, t("map.nothing_inside"))]));
    this.node.hidden = false;
    if (chosen.length) void this.begin(list, more, numbers, chosen, search, said);
  }

  /**
   * @param {HTMLElement} list @param {HTMLElement} more @param {number[]} numbers @param {number[]} chosen
   * @param {HTMLAnchorElement} search @param {HTMLElement} said
   */
  async begin(list, more, numbers, chosen, search, said) {
    const { signal } = this.reading;
    await this.more(list, more, numbers, chosen);
    const first = await this.items.of(numbers.slice(0, SHOWN), { signal }).catch(() => []);
    if (signal.aborted) return;
    const parameters = new URLSearchParams(first.slice(0, EXAMPLES).map((item) => ["q", `id:${item.id}`]));
    search.href = `/c/${encodeURIComponent(this.collection)}/search?${parameters}`;
    search.removeAttribute("aria-disabled");
    search.title = t("map.search_these_title", { n: Math.min(EXAMPLES, first.length) });
    const [label, share] = commonest(first.map((item) => item.label));
    if (label !== null) fill(said, t("map.mostly"), " ", foreign(label), ` (${percent(share)})`);
  }

  /** @param {HTMLElement} list @param {HTMLElement} more @param {number[]} numbers @param {number[]} chosen */
  async more(list, more, numbers, chosen) {
    const { signal } = this.reading;
    const start = list.childElementCount;
    const some = numbers.slice(start, start + SHOWN);
    const items = await this.items.of(some, { signal }).catch((error) => { if (!signal.aborted) toast(explained(error), { urgent: true }); return []; });
    if (signal.aborted) return;
    const names = new Map(items.map((item, i) => [item.number ?? some[i], item]));
    list.append(...some.map((one, i) => {
      const item = names.get(one);
      const picture = pictureOf(this.collection, one, 192);
      picture.alt = [item?.label, item?.name].filter(Boolean).join(", ");
      picture.loading = "lazy";
      return element("li", {}, element("button", { type: "button", on: { click: () => this.handlers.open(/** @type {number} */ (chosen[start + i])) } }, picture));
    }));
    if (start) /** @type {HTMLElement | null} */ (list.children[start]?.querySelector("button"))?.focus();
    const rest = numbers.length - list.childElementCount;
    more.hidden = rest <= 0;
    more.textContent = t("map.more", { n: rest });
  }

  /** Give the reader a table of what was chosen. @param {number[]} numbers */
  async export(numbers) {
    const { signal } = this.reading;
    try {
      const items = await this.items.of(numbers, { signal, progress: (done, total) => total > done && toast(t("map.exporting", { done: number(done), total: number(total) })) });
      const lines = [["id", "name", "label"], ...items.map((item) => [item.id, item.name, item.label ?? ""])];
      const file = new Blob([lines.map((cells) => cells.map(quoted).join(",")).join("\n"), "\n"], { type: "text/csv" });
      const link = element("a", { href: URL.createObjectURL(file), download: `${this.collection}-map.csv` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch (error) {
      if (!signal.aborted) toast(explained(error), { urgent: true });
    }
  }
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
