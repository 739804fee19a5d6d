// What can be done with the pictures that are selected: a bar at the foot of the page, while there are some.

import { element } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/text.js";

/**
 * @typedef {object} SelectionAction
 * @property {string} text key of what its button says
 * @property {import("../core/icons.js").IconName} icon
 * @property {(keys: string[]) => void} run
 * @property {number} [exactly] how many pictures it takes; absent: any number
 */

export class SelectionBar {
  /**
   * @param {SelectionAction[]} actions
   * @param {() => void} clear
   */
  constructor(actions, clear) {
    this.actions = actions;
    this.clear = clear;
    this.node = element("section", { class: "selection-bar", "aria-label": t("finder.selection"), hidden: true });
  }

  /** @param {ReadonlySet<string>} selected */
  show(selected) {
    const keys = [...selected];
    this.node.hidden = !keys.length;
    this.node.replaceChildren(
      element("span", { role: "status" }, t("finder.selected", { n: keys.length })),
      ...this.actions.map(({ text, icon: shape, run, exactly }) =>
        element(
          "button",
          { type: "button", disabled: exactly !== undefined && keys.length !== exactly, title: exactly === 2 ? t("finder.compare_two") : null, on: { click: () => run(keys) } },
          icon(shape),
          element("span", {}, t(text)),
        ),
      ),
      element("button", { type: "button", class: "quiet", "aria-label": t("finder.clear_selection"), on: { click: this.clear } }, icon("close")),
    );
  }
}
