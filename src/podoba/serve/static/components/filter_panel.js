// The filter of a page: facets at the side, the text below them, what was chosen as chips, and a button where there is no room.

import { element } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";
import { Facets } from "./facets.js";
import { FilterText } from "./filter_text.js";
import { termsOf } from "./where.js";

export class FilterPanel {
  /**
   * @param {string} collection
   * @param {(where: string) => void} changed
   * @param {boolean} [counted] whether the values of its pictures are counted, to be chosen from
   */
  constructor(collection, changed, counted = true) {
    this.facets = counted ? new Facets(collection, changed) : null;
    this.text = new FilterText(changed);
    this.text.text.open = !counted; // else it is beside what can be chosen
    this.count = element("span", { class: "filter-count" });
    this.button = element(
      "button",
      { type: "button", class: "filter-button", "aria-expanded": "false", "aria-controls": "filters", on: { click: () => this.#toggle() } },
      icon("filter"),
      t("finder.filter"),
      this.count,
    );
    this.fault = element("p", { role: "alert" });
    this.node = element(
      "aside",
      { class: "filters", id: "filters", "aria-label": t("finder.filter") },
      ...(this.facets ? [this.facets.node] : []),
      this.fault,
      this.text.text,
      element("button", { type: "button", class: "primary filters-close", on: { click: () => this.#close() } }, t("finder.filter_done")),
    );
    this.chips = this.text.chips;
    this.node.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.code !== "Escape" || !this.node.classList.contains("is-open")) return;
      this.#close();
    });
  }

  /**
   * @param {string} where
   * @returns {Promise<void>} when the counts have come, or were refused
   */
  async show(where) {
    const { length } = termsOf(where);
    this.count.textContent = length ? String(length) : "";
    this.text.show(where);
    this.fault.textContent = "";
    try {
      await this.facets?.show(where);
    } catch (error) {
      if (/** @type {Error} */ (error).name !== "AbortError" && !this.refuse(error)) this.fault.textContent = explained(error);
    }
  }

  /**
   * @param {unknown} error
   * @returns {boolean} whether it is about the filter, and is shown there
   */
  refuse(error) {
    const about = this.text.refuse(error);
    if (about) this.#open(true);
    return about;
  }

  #toggle() {
    this.#open(!this.node.classList.contains("is-open"));
  }

  #close() {
    this.#open(false);
    this.button.focus();
  }

  /** @param {boolean} open */
  #open(open) {
    this.node.classList.toggle("is-open", open);
    this.button.setAttribute("aria-expanded", String(open));
  }
}
