// Texts, numbers and dates in the language of the page.

import { language, texts } from "./page.js";

const rules = new Intl.PluralRules(language);

/**
 * A text of the page's language. `{name}` is filled from the values; a text with plural forms is chosen by `n`.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const found = texts[key];
  if (found === undefined) {
    console.error(`no text ${key}`);
    return key;
  }
  const text = typeof found === "string" ? found : found[rules.select(Number(values.n))] ?? found.other ?? "";
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? number(value) : String(value ?? "");
  });
}

/**
 * A text with elements in it, such as a name that a person wrote: children for `element`.
 * @param {string} key
 * @param {Record<string, Node | string | number>} values
 * @returns {(Node | string)[]}
 */
export function rich(key, values) {
  const plain = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value instanceof Node ? `{${name}}` : value]));
  return t(key, plain).split(/(\{\w+\})/).map((piece) => {
    const value = values[piece.slice(1, -1)];
    return piece.startsWith("{") && value instanceof Node ? value : piece;
  });
}

/** Whether there is a text of this key. @param {string} key */
export function hasText(key) {
  return key in texts;
}

/** @param {number} value @param {number} [digits] behind the point, at most */
export function number(value, digits = 2) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits, useGrouping: Math.abs(value) >= 10000 }).format(value);
}

/** @param {number} share @param {number} [digits] */
export function percent(share, digits = 0) {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** A size in the unit that fits. @param {number} value */
export function bytes(value) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  return new Intl.NumberFormat(language, {
    style: "unit", unit: units[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: power > 1 ? 1 : 0,
  }).format(value / 1000 ** power);
}

/** @param {string | number | Date} value */
export function date(value) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(value));
}

/** A text that a person wrote, inside of another: its direction does not reach beyond it, as in `<bdi>`. @param {string} text */
export function isolated(text) {
  return `\u2068${text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "")}\u2069`;  // its own marks would end the isolation
}
