// The filter as it is written, for what no facet can say; what is not understood is shown at its place.

import { Problem } from "../core/api.js";
import { element, foreign } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { explained } from "../core/problems.js";
import { number, t } from "../core/text.js";
import { plainName, saidValue } from "./facets.js";
import { termsOf, whereOf } from "./where.js";

/** @typedef {import("./where.js").Term} Term */

export class FilterText {
  /** @param {(where: string) => void} changed called with the filter that was written */
  constructor(changed) {
    this.changed = changed;
    this.field = element("textarea", {
      rows: "2",
      maxlength: "4000",
      spellcheck: "false",
      autocapitalize: "off",
      "aria-label": t("finder.where"),
      "aria-describedby": "where-error where-help",
      placeholder: 'label == "cat" and width > 1000',
      on: { keydown: (/** @type {KeyboardEvent} */ event) => this.#pressed(event) },
    });
    this.error = element("div", { id: "where-error", class: "where-error", role: "alert" });
    this.text = element(
      "details",
      { class: "where" },
      element("summary", {}, t("finder.where")),
      this.field,
      this.error,
      element("p", { id: "where-help", class: "muted" }, t("finder.where_help")),
      element("button", { type: "button", on: { click: () => this.#apply() } }, t("finder.where_apply")),
    );
    this.chips = element("ul", { class: "terms", "aria-label": t("finder.filters"), hidden: true });
  }

  /** @param {string} where */
  show(where) {
    this.field.value = where;
    this.#explain([]);
    const terms = termsOf(where);
    const focus = this.chips.contains(document.activeElement);
    this.chips.hidden = !terms.length;
    this.chips.replaceChildren(
      ...terms.map((term, place) => {
        const others = terms.filter((_, other) => other !== place);
        const label = t("finder.remove_filter", { name: whereOf([term]) });
        return element(
          "li",
          { class: "term" },
          element("span", {}, ...said(term)),
          element("button", { type: "button", class: "quiet", "aria-label": label, on: { click: () => this.changed(whereOf(others)) } }, icon("close")),
        );
      }),
      ...(terms.length > 1
        ? [element("li", {}, element("button", { type: "button", class: "quiet", on: { click: () => this.changed("") } }, t("finder.no_filters")))]
        : []),
    );
    if (focus) (this.chips.querySelector("button") ?? this.field).focus();
  }

  /**
   * Show why a filter was refused.
   * @param {unknown} error
   * @returns {boolean} whether it was about the filter
   */
  refuse(error) {
    if (!(error instanceof Problem) || error.code !== "wrong_filter") return false;
    const { place } = error.more;
    const text = this.field.value;
    const at = typeof place === "number" && place >= 0 && place <= text.length ? place : null;
    this.text.open = true;
    this.#explain([...(at === null ? [] : [marked(text, at)]), element("p", {}, explained(error)), element("p", { lang: "en" }, error.message)]);
    return true;
  }

  /** @param {Node[]} nodes */
  #explain(nodes) {
    this.error.replaceChildren(...nodes);
    if (nodes.length) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
  }

  #apply() {
    this.changed(this.field.value.trim());
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.code !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.#apply();
  }
}

/**
 * The text with the place of the error marked.
 * @param {string} text
 * @param {number} at
 */
function marked(text, at) {
  const end = at + (/^[\p{L}\p{N}_]+|^\S/u.exec(text.slice(at))?.[0].length ?? 0);
  return element("code", { class: "where-marked" }, text.slice(0, at), element("mark", {}, text.slice(at, end) || "␣"), text.slice(end));
}

/**
 * A term in words.
 * @param {Term} term
 * @returns {(Node | string)[]}
 */
function said(term) {
  if ("text" in term) return [element("code", {}, term.text)];
  const name = foreign(plainName(term.name));
  if ("values" in term) {
    const values = term.values.flatMap((value, place) => [
      place ? ", " : "",
      value === null ? t("finder.absent") : foreign(saidValue(value)),
    ]);
    return [name, ": ", ...values];
  }
  const { least, most } = term;
  const from = least === null ? "" : number(least, 4);
  const to = most === null ? "" : number(most, 4);
  return [name, " ", least !== null && most !== null ? `${from}–${to}` : least === null ? `≤ ${to}` : `≥ ${from}`];
}
