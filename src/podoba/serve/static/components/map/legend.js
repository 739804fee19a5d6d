// The legend: what the colours mean. It is a filter: what is chosen stands out, everything else stands back.

import { element, fill, foreign } from "../../core/dom.js";
import { bytes, number, t } from "../../core/text.js";

const SEARCHED = 12; // entries from which a field narrows them down

/**
 * @typedef {Object} LegendOptions
 * @property {import("./points.js").Legend} legend
 * @property {string[]} colours of the codes
 * @property {ReadonlySet<number>} chosen codes
 * @property {(i: number) => string | null} clusterLabel the most common label of a cluster
 * @property {(chosen: Set<number>) => void} choose
 */

/** Draw the legend; the focus stays where it is. @param {HTMLElement} node @param {LegendOptions} options */
export function drawLegend(node, { legend, colours, chosen, clusterLabel, choose }) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.code;
  const before = /** @type {HTMLInputElement | null} */ (node.querySelector("input"))?.value ?? "";
  const list = element("ul", { class: "map-legend" });
  /** @param {string} wanted */
  const show = (wanted) => fill(list, ...codesOf(legend)
    .filter((code) => nameOf(legend, code, clusterLabel).text.toLocaleLowerCase().includes(wanted.toLocaleLowerCase()))
    .map((code) => row(legend, code, colours[code] ?? "", chosen, clusterLabel, choose)));
  show(before);
  const search = legend.entries.length <= SEARCHED ? [] : [element("input", {
    type: "search", value: before, placeholder: t("map.legend.find"), "aria-label": t("map.legend.find"),
    on: { input: (/** @type {any} */ event) => show(event.target.value) },
  })];
  const reset = element("button", { type: "button", class: "quiet", hidden: chosen.size === 0, on: { click: () => choose(new Set()) } }, t("map.legend.all"));
  fill(node, ...search, list, reset);
  if (focused !== undefined) /** @type {HTMLElement | null} */ (list.querySelector(`[data-code="${focused}"]`))?.focus();
}

/** @param {import("./points.js").Legend} legend */
function codesOf(legend) {
  const codes = legend.entries.map((_, i) => i + 1);
  if (legend.others) codes.push(legend.entries.length + 1);
  if (legend.missing) codes.push(0);
  return codes;
}

/**
 * @param {import("./points.js").Legend} legend
 * @param {number} code
 * @param {string} colour
 * @param {ReadonlySet<number>} chosen
 * @param {(i: number) => string | null} clusterLabel
 * @param {(chosen: Set<number>) => void} choose
 */
function row(legend, code, colour, chosen, clusterLabel, choose) {
  const { text, foreign: written } = nameOf(legend, code, clusterLabel);
  const change = () => {
    const next = new Set(chosen);
    if (!next.delete(code)) next.add(code);
    choose(next);
  };
  const swatch = element("span", { class: "map-swatch", style: { background: colour } });
  const count = legend.entries[code - 1]?.count ?? (code === 0 ? legend.missing : null);
  return element("li", {},
    element("button", { type: "button", "aria-pressed": String(chosen.has(code)), dataset: { code: String(code) }, on: { click: change } },
      swatch, written ? foreign(text, { class: "map-name" }) : element("span", { class: "map-name" }, text),
      count === null ? null : element("span", { class: "muted" }, number(count))));
}

/**
 * What a code means, in words, and whether a person wrote them.
 * @param {import("./points.js").Legend} legend
 * @param {number} code
 * @param {(i: number) => string | null} clusterLabel
 * @returns {{text: string, foreign: boolean}}
 */
export function nameOf(legend, code, clusterLabel) {
  if (code === 0) return { text: t("map.legend.unknown"), foreign: false };
  const entry = legend.entries[code - 1];
  if (!entry) return { text: t("map.legend.others", { n: legend.others }), foreign: false };
  if (legend.kind === "clusters") {
    const label = clusterLabel(code);
    const text = t("map.cluster", { number: code });
    return { text: label === null ? text : `${text}: ${label}`, foreign: false };
  }
  if (legend.kind === "numbers") {
    const write = legend.by === "size" ? bytes : number;
    const [from, to] = [write(entry.from ?? 0), write(entry.to ?? 0)];
    return { text: from === to ? from : `${from} – ${to}`, foreign: false };
  }
  return { text: String(entry.value), foreign: true };
}
