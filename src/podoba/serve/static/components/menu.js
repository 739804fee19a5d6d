// A menu at a button: arrow keys, Home and End move, Escape and a click elsewhere close it.

import { element, fill } from "../core/dom.js";
import { place } from "./place.js";

/**
 * Let a button open a menu.
 * @param {HTMLButtonElement} button
 * @param {string} label what the menu is called
 * @param {() => HTMLElement[] | Promise<HTMLElement[]>} load its items (`menuItem`, `menuLink`, `separator`), each time it is opened
 */
export function menu(button, label, load) {
  const list = element("div", { class: "menu", role: "menu", "aria-label": label, popover: "auto" });
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  let wasOpen = false; // when the button was pressed, which by itself closes the menu
  button.addEventListener("pointerdown", () => { wasOpen = list.matches(":popover-open"); });
  button.addEventListener("click", async () => {
    if (wasOpen) { wasOpen = false; return; }
    fill(list, ...await load());
    if (!list.isConnected) button.after(list); // it belongs to what the button belongs to
    list.showPopover();
    place(list, button);
    items(list)[0]?.focus();
  });
  list.addEventListener("toggle", (event) => {
    const open = /** @type {ToggleEvent} */ (event).newState === "open";
    button.setAttribute("aria-expanded", String(open));
    if (open) return;
    if (list.contains(document.activeElement) || document.activeElement === document.body) button.focus();
  });
  list.addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).closest('[role="menuitem"]')) list.hidePopover();
  });
  list.addEventListener("keydown", (event) => {
    const all = items(list);
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.code];
    if (event.code === "Tab") list.hidePopover();
    if (next === undefined) return;
    event.preventDefault();
    all[next % all.length]?.focus();
  });
}

/** @param {HTMLElement} list @returns {HTMLElement[]} */
function items(list) {
  return [...list.querySelectorAll('[role="menuitem"]')].map((one) => /** @type {HTMLElement} */ (one));
}

/** @param {() => void} run @param {...(Node | string)} content */
export function menuItem(run, ...content) {
  return element("button", { type: "button", role: "menuitem", tabindex: "-1", on: { click: run } }, ...content);
}

/** @param {string} href @param {Record<string, any>} attributes @param {...(Node | string)} content */
export function menuLink(href, attributes, ...content) {
  return element("a", { href, role: "menuitem", tabindex: "-1", ...attributes }, ...content);
}

export function separator() {
  return element("div", { role: "separator" });
}
