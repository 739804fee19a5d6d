// What happens is said: to the eye in a note that goes by itself, and to a screen reader.

import { byId, element } from "./dom.js";

const SHOWN = 6000; // milliseconds

/** Say to a screen reader alone. @param {string} text @param {{urgent?: boolean}} [options] */
export function say(text, { urgent = false } = {}) {
  const region = byId(urgent ? "assertive" : "polite");
  region.textContent = region.textContent === text ? `${text}\u00a0` : text; // the same words again are said again
}

/**
 * A note at the edge of the page.
 * @param {string} text
 * @param {{action?: string, run?: () => void, urgent?: boolean}} [options] a button, and what it does
 */
export function toast(text, { action, run, urgent = false } = {}) {
  const note = element("div", { class: urgent ? "toast urgent" : "toast" }, element("span", {}, text));
  const remove = () => note.remove();
  if (action && run) note.append(element("button", { type: "button", on: { click: () => { remove(); run(); } } }, action));
  byId("toasts").append(note);
  say(text, { urgent });
  const wait = () => setTimeout(() => (note.matches(":hover, :focus-within") ? wait() : remove()), SHOWN);
  wait();
}
