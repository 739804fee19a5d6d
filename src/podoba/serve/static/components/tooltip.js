// A few words beside what has the pointer or the focus; Escape takes them away.

import { element } from "../core/dom.js";
import { place } from "./place.js";

const DELAY = 400; // milliseconds that the pointer rests

/**
 * Say in a few words what a control does, which is also its name if it has no text.
 * @param {HTMLElement} node
 * @param {() => string} text asked each time, since it may change
 */
export function tooltip(node, text) {
  const bubble = element("div", { class: "tooltip", popover: "manual", "aria-hidden": "true" });
  let waiting = 0;
  const show = () => {
    bubble.textContent = text();
    if (!bubble.isConnected) document.body.append(bubble);
    bubble.showPopover();
    place(bubble, node);
  };
  const hide = () => { clearTimeout(waiting); if (bubble.isConnected) bubble.remove(); };
  node.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse") waiting = window.setTimeout(show, DELAY);
  });
  node.addEventListener("focus", () => { if (node.matches(":focus-visible")) show(); });
  for (const event of ["pointerleave", "pointerdown", "blur"]) node.addEventListener(event, hide);
  node.addEventListener("keydown", (event) => { if (event.code === "Escape") hide(); });
  if (!node.textContent) node.setAttribute("aria-label", text());
}
