// Keys by the place of the key (`event.code`), so that every layout has them; the legend is made of the same table.

import { t } from "./text.js";

/**
 * @typedef {Object} Key
 * @property {string} code as `KeyboardEvent.code`, such as KeyR
 * @property {string} text key of the text that says what it does
 * @property {boolean} [shift]
 * @property {boolean} [control] Control, or Command
 * @property {boolean} [own] only while the node itself has the focus, for keys that also press buttons and move sliders
 */

/**
 * Let keys act while the focus is inside a node, but not while something is written.
 * @param {HTMLElement} node
 * @param {readonly Key[]} table
 * @param {Record<string, (event: KeyboardEvent) => void>} actions by the `text` of a key
 */
export function keys(node, table, actions) {
  node.addEventListener("keydown", (event) => {
    if (event.altKey || writes(/** @type {HTMLElement} */ (event.target))) return;
    const found = table.find((key) => key.code === event.code && !!key.shift === event.shiftKey && !!key.control === (event.ctrlKey || event.metaKey));
    const act = found && actions[found.text];
    if (!act || (found.own && event.target !== node)) return;
    event.preventDefault();
    event.stopPropagation();
    act(event);
  });
}

/** @type {Record<string, string>} */
const PRINTED = {
  ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", PageUp: "PgUp", PageDown: "PgDn", Escape: "Esc", Delete: "Del",
  Equal: "+", Minus: "−", NumpadAdd: "+", NumpadSubtract: "−", Slash: "/",
};

/** What is printed on a key, for the legend. @param {Key} key */
export function shownKey(key) {
  const name = key.code === "Space" ? t("shell.space") : PRINTED[key.code] ?? key.code.replace(/^(Key|Digit|Numpad)/, "");
  return [key.control && "Ctrl", key.shift && "⇧", name].filter(Boolean).join(" + ");
}

/** @param {HTMLElement} target */
function writes(target) {
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target instanceof HTMLInputElement && !/^(button|checkbox|radio|range|submit)$/.test(target.type));
}
