// The charts in the words and numbers of the page.

import { element } from "../core/dom.js";
import { language } from "../core/page.js";
import { hasText, t } from "../core/text.js";

/**
 * @typedef {import("../charts/table.js").Words} Words
 * @typedef {import("../charts/table.js").Column} Column
 */

/**
 * A number with so many digits behind the point, as columns and axes have them: one below the other.
 * @param {number | null | undefined} value
 * @param {number | null} [digits] as many as it needs, four at most
 */
export function fixed(value, digits) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const places = digits ?? (Number.isInteger(value) ? 0 : 4);
  const rounded = Number(value.toFixed(places)) === 0 ? 0 : value; // there is no zero below zero
  const format = { minimumFractionDigits: places, maximumFractionDigits: places, useGrouping: Math.abs(value) >= 10000 };
  return new Intl.NumberFormat(language, format).format(rounded);
}

/** The name of a score within keys of texts: recall@1 is recall_1. @param {string} score */
export function textKey(score) {
  return score.replace("@", "_");
}

/**
 * How a table speaks: headings are the texts `PREFIX.KEY`, what they mean `PREFIX.KEY.meaning`.
 * @param {string} caption
 * @param {string} prefix
 * @returns {Words}
 */
export function tableWords(caption, prefix) {
  const keyOf = (/** @type {Column} */ column) => `${prefix}.${textKey(column.key)}`;
  return {
    caption, language, number: fixed, csv: t("charts.csv"), meanings: t("charts.meanings"),
    say: (word) => t(word.t, word.v),
    heading: (column) => column.title ?? t(keyOf(column)),
    meaning: (column) => (hasText(`${keyOf(column)}.meaning`) ? t(`${keyOf(column)}.meaning`) : undefined),
    hint: (value, digits) => value.l === null || value.h === null ? t("charts.single", { n: value.n })
      : t("charts.interval", { low: fixed(value.l, digits), high: fixed(value.h, digits), n: value.n }),
  };
}

/**
 * A choice of one of several, with its label.
 * @param {string} label
 * @param {[string, string][]} options values and their words
 * @param {string} chosen
 * @param {(value: string) => void} act
 */
export function choice(label, options, chosen, act) {
  const list = element("select", { on: { change: () => act(list.value) } },
    ...options.map(([value, text]) => element("option", { value, selected: value === chosen }, text)));
  return element("label", { class: "choice" }, element("span", {}, label), list);
}

/**
 * Put a table or a chart in the place of an earlier one; who stands on one of its headings stays there.
 * @param {HTMLElement} holder
 * @param {...Node} content
 */
export function refill(holder, ...content) {
  const column = /** @type {HTMLElement | null} */ (holder.contains(document.activeElement) ? document.activeElement : null)?.dataset.column;
  holder.replaceChildren(...content);
  if (column) /** @type {HTMLElement | null} */ (holder.querySelector(`[data-column="${CSS.escape(column)}"]`))?.focus();
}
