// Tables: sorted by a click or Enter on a heading, downloadable as CSV.

import { element } from "./elements.js";

/**
 * @typedef {import("./intervals.js").Estimate} Estimate
 * @typedef {{t: string, v?: Record<string, any>}} Word a text by its key
 * @typedef {string | number | Estimate | Word | null | undefined} Value
 * @typedef {{key: string, digits?: number, best?: "high" | "low", title?: string}} Column
 * @typedef {Value[] & {mark?: () => Node, digits?: number}} Row `mark` stands before its name, `digits` overrule those of the columns
 * @typedef {{name: string, columns: Column[], rows: Row[], row_digits?: number[]}} Spec
 *
 * @typedef {object} Words how a table speaks
 * @property {string} caption
 * @property {string} csv the button that downloads it
 * @property {string} meanings what opens the meanings of the columns
 * @property {string} language
 * @property {(column: Column) => string} heading
 * @property {(column: Column) => string | undefined} meaning
 * @property {(word: Word) => string} say
 * @property {(value: number | null, digits?: number | null) => string} number
 * @property {(value: Estimate, digits: number | null) => string} hint of a mean: its interval
 *
 * @typedef {Column & {i: number}} Placed
 */

/** By which column each table is sorted, kept while the page redraws it.
 * @type {Record<string, {column?: number, up?: boolean}>} */
const sorted = {};

/**
 * A table with its caption, a button for CSV, and headings that sort.
 * @param {Spec} spec
 * @param {Words} words
 * @returns {HTMLElement}
 */
export function sortableTable(spec, words) {
  const columns = spec.columns.map((column, i) => ({ ...column, i }));
  const box = element("figure", { class: "table", "data-table": spec.name });
  (spec.row_digits ?? []).forEach((digits, i) => { spec.rows[i].digits = digits; });
  const show = () => {
    const state = sorted[spec.name] ?? {};
    const rows = [...spec.rows];
    const by = state.column;
    if (by !== undefined) rows.sort((a, b) => compare(plainValue(a[by], words), plainValue(b[by], words), state.up, words.language));
    const tops = Object.fromEntries(columns.filter((column) => column.best).map((column) => {
      const values = rows.map((row) => plainValue(row[column.i], words)).filter((value) => typeof value === "number");
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return [column.key, values.length > 1 && low < high ? (column.best === "high" ? high : low) : null];
    }));
    const numeric = (/** @type {Placed} */ column) => rows.some((row) => typeof row[column.i] === "number" || isEstimate(row[column.i]));
    const head = columns.map((column) => {
      const order = state.column === column.i ? (state.up ? "ascending" : "descending") : "none";
      return element("th", { scope: "col", "aria-sort": order, class: numeric(column) ? "number" : "" }, element("button", {
        type: "button", title: words.meaning(column), "data-column": column.key,
        on: {
          click: () => {
            sorted[spec.name] = { column: column.i, up: state.column === column.i ? !state.up : !column.best || column.best === "low" };
            show();
            /** @type {HTMLElement} */ (box.querySelector(`button[data-column="${CSS.escape(column.key)}"]`)).focus();
          },
        },
      }, words.heading(column)));
    });
    const body = rows.map((row) => element("tr", {}, ...columns.map((column, i) => {
      const best = tops[column.key] !== undefined && plainValue(row[column.i], words) === tops[column.key];
      return i === 0 ? nameCell(row, words) : cell(row[column.i], row.digits ?? column.digits ?? null, best, numeric(column), words);
    })));
    const made = element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body));
    box.replaceChildren(
      element("figcaption", {}, words.caption),
      element("div", { class: "tools" }, element("button", { type: "button", class: "csv", on: { click: () => download(spec.name, columns, rows, words) } }, words.csv)),
      element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": words.caption }, made),
      meanings(columns, words) ?? "",
    );
  };
  show();
  return box;
}

/**
 * @param {Value} value
 * @returns {value is Estimate}
 */
function isEstimate(value) { return typeof value === "object" && value !== null && "m" in value; }

/**
 * @param {Value} value
 * @param {Words} words
 * @returns {string | number | null}
 */
function plainValue(value, words) {
  if (value === null || value === undefined) return null;
  if (typeof value === "object") return isEstimate(value) ? value.m : words.say(value);
  return value;
}

/**
 * @param {Row} row
 * @param {Words} words
 */
function nameCell(row, words) {
  const name = String(plainValue(row[0], words) ?? "–");
  return element("th", { scope: "row" }, row.mark ? element("span", { class: "chip" }, row.mark(), name) : name);
}

/**
 * @param {Value} value
 * @param {number | null} digits
 * @param {boolean} best
 * @param {boolean} numeric
 * @param {Words} words
 */
function cell(value, digits, best, numeric, words) {
  const look = "number" + (best ? " best" : "");
  if (value === null || value === undefined) return element("td", { class: "number" }, "–");
  if (isEstimate(value)) {
    const half = value.h === null ? "" : " ± " + words.number(value.h - value.m, digits);
    return element("td", { class: look, title: words.hint(value, digits) }, words.number(value.m, digits), element("span", { class: "half" }, half));
  }
  if (typeof value === "number") return element("td", { class: look }, words.number(value, digits));
  return element("td", { class: numeric ? "number" : "" }, String(plainValue(value, words)));
}

/**
 * @param {string | number | null} a
 * @param {string | number | null} b
 * @param {boolean | undefined} up
 * @param {string} language
 */
function compare(a, b, up, language) {
  if (a === null || b === null) return Number(a === null) - Number(b === null); // what is unknown stands last either way
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), language, { numeric: true });
  return up ? order : -order;
}

/** What the columns mean, for those who have no pointer to rest on a heading; null where all speak for themselves.
 * @param {Placed[]} columns
 * @param {Words} words
 */
function meanings(columns, words) {
  const explained = columns.filter(words.meaning);
  if (!explained.length) return null;
  return element("details", { class: "meanings" }, element("summary", {}, words.meanings),
    element("dl", {}, ...explained.flatMap((column) => [element("dt", {}, words.heading(column)), element("dd", {}, words.meaning(column))])));
}

/** The table as it stands, all digits, as a file.
 * @param {string} name
 * @param {Placed[]} columns
 * @param {Row[]} rows
 * @param {Words} words
 */
function download(name, columns, rows, words) {
  const wide = columns.map((column) => rows.some((row) => isEstimate(row[column.i])));
  const quoted = (/** @type {string | number | null} */ value) => {
    const text = value === null ? "" : String(value);
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  const head = columns.flatMap((column, i) => wide[i] ? ["", "_low", "_high", "_n"].map((end) => column.key + end) : [column.title ?? column.key]);
  const body = rows.map((row) => columns.flatMap((column, i) => {
    const value = row[column.i];
    if (isEstimate(value)) return [value.m, value.l, value.h, value.n];
    return wide[i] ? [plainValue(value, words), "", "", ""] : [plainValue(value, words)];
  }));
  const text = [head, ...body].map((line) => line.map(quoted).join(",")).join("\n") + "\n";
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  element("a", { href: address, download: name + ".csv" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
