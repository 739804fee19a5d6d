// The query as it stands: every picture or text of it with its sign, its weight and its box, and what is on its way.

import { element, foreign } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { number, t } from "../core/text.js";
import { fileButton } from "./file_button.js";

/**
 * @typedef {import("./query.js").Part} Part
 *
 * What is known of a part beside what the address says.
 * @typedef {object} PartFacts
 * @property {string} name
 * @property {string | null} thumbnail its address
 * @property {number} [width] of the picture in pixels, upright
 * @property {number} [height]
 *
 * @typedef {object} TrayOptions
 * @property {(part: Part) => PartFacts} facts
 * @property {(part: Part, change: {weight?: number}) => void} change
 * @property {(part: Part) => void} remove
 * @property {(part: Part) => void} turn wanted becomes unwanted, and the other way
 * @property {(part: Part) => void} crop
 * @property {(files: File[]) => void} pictures to be added
 */

export const UNWANTED_WEIGHT = 0.25;

export class Tray {
  /** @param {TrayOptions} options */
  constructor(options) {
    this.options = options;
    this.list = element("ul", { class: "tray-parts" });
    this.node = element(
      "section",
      { class: "tray", "aria-label": t("finder.query"), hidden: true },
      this.list,
      fileButton({ name: "plus", text: t("finder.add_picture"), files: options.pictures }),
    );
    /** @type {HTMLElement[]} cards of pictures that are on their way */
    this.sending = [];
  }

  /**
   * @param {Part[]} wanted
   * @param {Part[]} unwanted
   */
  show(wanted, unwanted) {
    const inside = this.#focused();
    const many = wanted.length + unwanted.length > 1;
    const cards = [
      ...wanted.map((part) => this.#card(part, true, many, wanted.length > 1)),
      ...unwanted.map((part) => this.#card(part, false, many, true)),
    ];
    this.list.replaceChildren(...cards, ...this.sending);
    this.node.hidden = !cards.length && !this.sending.length;
    if (inside) this.#focus(inside.place, inside.action);
  }

  /**
   * The card of a picture that is on its way.
   * @param {File} file
   * @param {() => void} stop
   * @returns {{progress: (share: number) => void, done: () => void}}
   */
  add(file, stop) {
    const source = URL.createObjectURL(file);
    const bar = element("progress", { max: "1", value: "0", "aria-label": t("finder.sending", { name: file.name }) });
    const picture = element("img", { class: "part-picture", src: source, alt: "", on: { error: () => picture.remove() } });
    const card = element(
      "li",
      { class: "part is-sending" },
      element("div", { class: "part-frame" }, picture),
      element("div", { class: "part-more" }, element("span", { class: "part-name" }, foreign(file.name)), bar),
      element("button", { type: "button", class: "quiet part-remove", "aria-label": t("finder.stop", { name: file.name }), on: { click: stop } }, icon("close")),
    );
    this.sending.push(card);
    this.list.append(card);
    this.node.hidden = false;
    return {
      progress: (share) => (bar.value = share),
      done: () => {
        URL.revokeObjectURL(source);
        this.sending.splice(this.sending.indexOf(card), 1);
        card.remove();
        this.node.hidden = !this.list.children.length;
      },
    };
  }

  /**
   * @param {Part} part
   * @param {boolean} wanted
   * @param {boolean} many whether there are others, beside which it weighs
   * @param {boolean} turnable whether something wanted remains when it is no longer
   */
  #card(part, wanted, many, turnable) {
    const { options } = this;
    const facts = options.facts(part);
    const { name } = facts;
    const button = (/** @type {string} */ action, /** @type {import("../core/icons.js").IconName} */ shape, /** @type {() => void} */ run) =>
      element(
        "button",
        { type: "button", class: `quiet part-${action}`, dataset: { action }, title: t(`finder.${action}`), "aria-label": t(`finder.${action}_name`, { name }), on: { click: run } },
        icon(shape),
      );
    const turn = element(
      "button",
      {
        type: "button",
        class: "part-sign",
        dataset: { action: "turn" },
        disabled: !turnable,
        title: t(wanted ? "finder.wanted" : "finder.unwanted"),
        "aria-label": t(wanted ? "finder.wanted_name" : "finder.unwanted_name", { name }),
        on: { click: () => options.turn(part) },
      },
      icon(wanted ? "plus" : "minus"),
    );
    const weight = element("input", {
      type: "number",
      class: "part-weight",
      dataset: { action: "weight" },
      min: "0.05",
      max: "20",
      step: "any",
      value: String(part.weight ?? (wanted ? 1 : UNWANTED_WEIGHT)),
      "aria-label": t("finder.weight_name", { name }),
      on: { change: () => this.#weigh(part, weight, wanted) },
    });
    const croppable = facts.width && (part.kind === "item" || part.kind === "upload");
    return element(
      "li",
      { class: wanted ? "part" : "part is-unwanted" },
      turn,
      element("div", { class: "part-frame" }, ...this.#picture(part, facts)),
      element(
        "div",
        { class: "part-more" },
        element("span", { class: "part-name", title: name }, foreign(name)),
        many && element("label", { class: "part-weigh" }, t("finder.weight"), weight),
        part.box ? element("span", { class: "muted part-box" }, t("finder.boxed", { width: number(part.box[2], 0), height: number(part.box[3], 0) })) : null,
      ),
      croppable ? button("crop", "crop", () => options.crop(part)) : null,
      button("remove", "close", () => options.remove(part)),
    );
  }

  /**
   * @param {Part} part
   * @param {PartFacts} facts
   */
  #picture(part, { thumbnail, width, height }) {
    if (part.kind === "text") return [element("span", { class: "part-words", "aria-hidden": "true" }, "Aa")];
    if (!thumbnail) return [icon("picture")];
    const picture = element("img", { class: "part-picture", src: thumbnail, alt: "", on: { error: () => picture.replaceWith(icon("picture")) } });
    if (!part.box || !width || !height) return [picture];
    const [x, y, w, h] = part.box;
    const share = (/** @type {number} */ value, /** @type {number} */ of) => `${Math.min(100, (100 * value) / of)}%`;
    const style = { left: share(x, width), top: share(y, height), width: share(w, width), height: share(h, height) };
    return [picture, element("span", { class: "part-outline", style })];
  }

  /**
   * @param {Part} part
   * @param {HTMLInputElement} field
   * @param {boolean} wanted
   */
  #weigh(part, field, wanted) {
    const weight = Number(field.value);
    const usual = wanted ? 1 : UNWANTED_WEIGHT;
    if (weight > 0 && weight <= 20) this.options.change(part, { weight: weight === usual ? undefined : weight });
    else field.value = String(part.weight ?? usual);
  }

  /** Which control of which card has the focus. */
  #focused() {
    const active = /** @type {HTMLElement | null} */ (document.activeElement);
    const card = active?.closest("li");
    if (!card || !this.list.contains(card)) return null;
    return { place: [...this.list.children].indexOf(card), action: active?.dataset.action ?? "" };
  }

  /**
   * Where a card was removed, the next one has the focus; where none is left, who uses the tray decides.
   * @param {number} place
   * @param {string} action
   */
  #focus(place, action) {
    const card = this.list.children[Math.min(place, this.list.children.length - 1)];
    const control = card?.querySelector(`[data-action="${CSS.escape(action)}"]:not(:disabled)`) ?? card?.querySelector("button:not(:disabled)");
    /** @type {HTMLElement | undefined | null} */ (control)?.focus();
  }
}
