// The wide field of a search: a picture is dropped, pasted, chosen or photographed, or words are written.

import { toast } from "../core/announce.js";
import { element } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/text.js";
import { fileButton } from "./file_button.js";

/**
 * @typedef {object} DropzoneOptions
 * @property {boolean} words whether the model understands words
 * @property {(files: File[], add: boolean) => void} pictures add: to the query that there is, else in its place
 * @property {(words: string, add: boolean) => void} written
 */

export class Dropzone {
  /** @param {DropzoneOptions} options */
  constructor(options) {
    this.options = options;
    this.add = element("input", { type: "checkbox" });
    this.adding = element("label", { class: "field-add", hidden: true }, this.add, t("finder.add"));
    const narrow = matchMedia("(max-width: 599px)").matches;
    this.words = element("input", {
      type: "search",
      class: "field-words",
      "aria-label": t("finder.words"),
      placeholder: t(narrow ? "finder.words_short" : "finder.words_here"),
      enterkeyhint: "search",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: "500",
    });
    /** @param {File[]} files */
    const chosen = (files) => options.pictures(files, this.add.checked);
    this.node = element(
      "form",
      { class: "field", role: "search", "aria-label": t("finder.field"), on: { submit: (/** @type {SubmitEvent} */ event) => this.#submitted(event) } },
      icon("search"),
      options.words ? this.words : element("p", { class: "field-face" }, t(narrow ? "finder.pictures_short" : "finder.pictures_here")),
      this.adding,
      fileButton({ name: "picture", text: t("finder.choose"), files: chosen }),
      fileButton({ name: "camera", text: t("finder.photograph"), files: chosen, camera: true }),
      options.words && element("button", { type: "submit", class: "primary" }, t("finder.search")),
    );
    this.#listen();
  }

  /**
   * Whether there is a query, to which something can be added.
   * @param {boolean} has
   */
  set hasQuery(has) {
    this.adding.hidden = !has;
    if (!has) this.add.checked = false;
  }

  /** Move the focus here. */
  focus() {
    /** @type {HTMLElement | null} */ (this.node.querySelector("input:not([hidden])"))?.focus();
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    const words = this.words.value.trim();
    if (words) this.options.written(words, this.add.checked);
  }

  #listen() {
    let inside = 0;
    const areas = ["replace", "add"].map((mode) =>
      element("div", { class: "drop-area", dataset: { mode } }, icon(mode === "add" ? "plus" : "search"), t(`finder.drop_${mode}`)),
    );
    const overlay = element("div", { class: "drop-overlay", hidden: true, "aria-hidden": "true" }, ...areas);
    document.body.append(overlay);
    const hide = () => {
      inside = 0;
      overlay.hidden = true;
    };
    /** @param {DragEvent} event */
    const brings = (event) => [...(event.dataTransfer?.types ?? [])].some((type) => type === "Files" || type === "text/uri-list");
    const elsewhere = () => document.querySelector("dialog[open]") !== null; // what lies over the page takes nothing
    document.addEventListener("dragenter", (event) => {
      if (!brings(event) || elsewhere()) return;
      inside += 1;
      /** @type {HTMLElement} */ (areas[1]).hidden = this.adding.hidden;
      overlay.hidden = false;
    });
    document.addEventListener("dragleave", (event) => {
      if (brings(event) && --inside <= 0) hide();
    });
    document.addEventListener("dragover", (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      for (const area of areas) area.classList.toggle("is-over", area.contains(/** @type {Node} */ (event.target)));
    });
    document.addEventListener("drop", (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      if (overlay.hidden) return;
      hide();
      const add = areas[1]?.contains(/** @type {Node} */ (event.target)) ?? false;
      this.#brought(event.dataTransfer, add || this.add.checked);
    });
    document.addEventListener("paste", (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      const files = event.clipboardData?.files.length;
      const writing = target.isContentEditable || /^(TEXTAREA|INPUT)$/.test(target.tagName);
      if (elsewhere() || (writing && !files)) return;
      event.preventDefault();
      this.#brought(event.clipboardData, this.add.checked);
    });
  }

  /**
   * What was dropped or pasted.
   * @param {DataTransfer | null} data
   * @param {boolean} add
   */
  #brought(data, add) {
    const files = [...(data?.files ?? [])];
    const text = data?.getData("text/plain").trim() ?? "";
    if (files.length) return this.options.pictures(files, add);
    if (!text) return toast(t("finder.nothing_brought"), { urgent: true });
    if (/^(https?|file|data):/i.test(text)) return toast(t("finder.address_brought"), { urgent: true });
    if (!this.options.words) return toast(t("finder.no_words"), { urgent: true });
    this.words.value = text.slice(0, 500);
    return this.options.written(this.words.value, add);
  }
}
