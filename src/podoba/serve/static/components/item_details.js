// One picture large, what is known of it, and what can be done with it; its neighbours by the arrow keys.

import { address, collectionPath, get, thumbnail } from "../core/api.js";
import { element, fill, foreign } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { keys } from "../core/keys.js";
import { explained } from "../core/problems.js";
import { bytes, number, t } from "../core/text.js";
import { dialog } from "./dialog.js";
import { plainName, saidValue } from "./facets.js";

/**
 * @typedef {import("../core/keys.js").Key} Key
 *
 * @typedef {object} ItemAction
 * @property {string} text key of what its button says, and by which its key is found
 * @property {import("../core/icons.js").IconName} icon
 * @property {(id: string) => void} run
 * @property {boolean} [closes] whether the picture is closed then
 * @property {(id: string) => boolean} [pressed] for what can be on and off
 *
 * @typedef {object} DetailsOptions
 * @property {string} collection
 * @property {() => number} count
 * @property {(index: number) => Promise<{id: string, name: string}>} item
 * @property {(index: number) => string[]} [notes] what the search says of it, such as its probability
 * @property {ItemAction[]} actions
 * @property {readonly Key[]} keys of the actions
 * @property {(index: number) => void} left called with the picture that was last in view, when it is closed
 */

/** @type {readonly Key[]} */
export const DETAILS_KEYS = [
  { code: "ArrowLeft", text: "grid.key.previous" },
  { code: "ArrowRight", text: "grid.key.next" },
];

/**
 * @param {number} index
 * @param {DetailsOptions} options
 */
export async function showItem(index, options) {
  const details = new Details(index, options);
  await details.shown.closed;
  options.left(details.index);
}

class Details {
  /**
   * @param {number} index
   * @param {DetailsOptions} options
   */
  constructor(index, options) {
    this.index = index;
    this.options = options;
    this.id = "";
    this.picture = element("div", { class: "details-picture" });
    this.facts = element("div", { class: "details-facts" });
    this.actions = element("div", { class: "details-actions" });
    this.place = element("p", { class: "muted details-place", role: "status" });
    const step = (/** @type {number} */ by, /** @type {string} */ name, /** @type {import("../core/icons.js").IconName} */ shape) =>
      element("button", { type: "button", class: `quiet details-${name}`, "aria-label": t(`grid.key.${name}`), on: { click: () => this.#go(by) } }, icon(shape));
    this.previous = step(-1, "previous", "left");
    this.next = step(1, "next", "right");
    this.side = element("div", { class: "details-side" }, this.actions, this.facts, this.place);
    this.shown = dialog(t("finder.place", { n: index + 1, of: options.count() }), element("div", { class: "details" }, element("div", { class: "details-stage" }, this.picture, this.previous, this.next), this.side));
    this.shown.node.classList.add("details-dialog");
    this.heading = /** @type {HTMLElement} */ (this.shown.node.querySelector("h2"));
    /** @type {Record<string, () => void>} */
    const actions = { "grid.key.previous": () => this.#go(-1), "grid.key.next": () => this.#go(1) };
    for (const action of options.actions) actions[action.text] = () => this.#run(action);
    keys(this.shown.node, [...DETAILS_KEYS, ...options.keys], actions);
    void this.#show();
  }

  /** @param {number} by */
  #go(by) {
    const next = this.index + by;
    if (next < 0 || next >= this.options.count()) return;
    this.index = next;
    void this.#show();
  }

  /** @param {ItemAction} action */
  #run(action) {
    if (action.closes) this.shown.close();
    action.run(this.id);
    if (!action.closes) this.#drawActions();
  }

  async #show() {
    const { collection, count } = this.options;
    const { index } = this;
    this.previous.disabled = index <= 0;
    this.next.disabled = index >= count() - 1;
    this.place.textContent = t("finder.place", { n: index + 1, of: count() });
    try {
      const { id, name } = await this.options.item(index);
      const path = `${collectionPath(collection)}/items/${encodeURIComponent(id)}`;
      if (this.index !== index) return;
      this.id = id;
      fill(this.heading, foreign(name));
      this.#drawActions();
      this.#drawPicture(thumbnail(collection, id, 384), `${path}/original`, `${path}/preview?side=2048`);
      const item = await get(path);
      if (this.index === index) this.#drawFacts(item, address(`${path}/original`));
    } catch (error) {
      if (this.index === index) fill(this.facts, element("p", { role: "alert" }, explained(error)));
    }
  }

  /**
   * The thumbnail at once, the picture itself over it when it has come, or a preview where no browser shows its format.
   * @param {string} small
   * @param {string} large
   * @param {string} spare
   */
  #drawPicture(small, large, spare) {
    const thumb = element("img", { src: small, alt: "" });
    const full = element("img", { src: address(large), alt: "", on: { load: () => thumb.remove() } });
    full.addEventListener("error", () => (full.src = address(spare)), { once: true });
    fill(this.picture, thumb, full);
  }

  #drawActions() {
    const active = /** @type {HTMLElement | null} */ (document.activeElement);
    const focused = this.actions.contains(active) ? active?.dataset.action : undefined;
    const buttons = this.options.actions.map((action) =>
      element(
        "button",
        {
          type: "button",
          dataset: { action: action.text },
          "aria-pressed": action.pressed ? String(action.pressed(this.id)) : null,
          on: { click: () => this.#run(action) },
        },
        icon(action.icon),
        t(action.text),
      ),
    );
    fill(this.actions, ...buttons);
    if (focused) buttons.find((button) => button.dataset.action === focused)?.focus();
  }

  /**
   * @param {Record<string, any>} item
   * @param {string} original
   */
  #drawFacts(item, original) {
    /** @type {[string, Node | string | null][]} */
    const columns = [
      ["label", item.label === null ? null : foreign(item.label)],
      ["pixels", item.width ? `${number(item.width)} × ${number(item.height)}` : null],
      ["format", item.format || null],
      ["size", item.size ? bytes(item.size) : null],
      ["source", item.source ? foreign(item.source) : null],
      ["uri", item.uri ? foreign(item.uri) : null],
    ];
    const rows = [
      ...columns.flatMap(([name, value]) => (value === null ? [] : row(t(`finder.column_${name}`), value))),
      ...Object.entries(item.attributes ?? {}).flatMap(([name, value]) => row(foreign(plainName(name)), attribute(value))),
    ];
    const notes = this.options.notes?.(this.index) ?? [];
    fill(
      this.facts,
      ...notes.map((note) => element("p", { class: "details-note" }, note)),
      element("dl", {}, ...rows),
      element("a", { href: original, target: "_blank", rel: "noopener", class: "button" }, icon("open"), t("finder.original")),
    );
  }
}

/**
 * @param {Node | string} name
 * @param {Node | string} value
 */
const row = (name, value) => [element("dt", {}, name), element("dd", {}, value)];

/** @param {string | number | null} value of an attribute */
const attribute = (value) => (value === null ? element("i", {}, t("finder.absent")) : foreign(saidValue(value)));
