// A dialog over the page; Escape closes it, and the focus returns to where it was.

import { element } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/text.js";

/**
 * Show a dialog.
 * @param {string} title
 * @param {...Node} content
 * @returns {{node: HTMLDialogElement, close: () => void, closed: Promise<void>}}
 */
export function dialog(title, ...content) {
  const heading = element("h2", { id: `dialog-${crypto.randomUUID()}` }, title);
  const node = element("dialog", { "aria-labelledby": heading.id },
    element("header", {}, heading,
      element("button", { type: "button", class: "quiet", "aria-label": t("shell.close"), on: { click: () => node.close() } }, icon("close"))),
    ...content);
  const closed = /** @type {Promise<void>} */ (new Promise((resolve) => {
    node.addEventListener("close", () => { node.remove(); resolve(); });
  }));
  document.body.append(node);
  node.showModal();
  return { node, close: () => node.close(), closed };
}
