// Elements made of functions, and those that the shell has.

import { element } from "../charts/elements.js";

export { element, svg } from "../charts/elements.js";

/** @typedef {import("../charts/elements.js").Attributes} Attributes */

/** Remove all children of a node, and put others there. @param {Element} node @param {...(Node | string)} children */
export function fill(node, ...children) {
  node.replaceChildren(...children);
}

/** The element of an id, which the shell has. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id}`);
  return found;
}

/** A text that a person wrote: its direction does not reach beyond it. @param {string} text @param {Attributes} [attributes] */
export function foreign(text, attributes = {}) {
  return element("bdi", attributes, text);
}
