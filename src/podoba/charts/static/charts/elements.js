// Elements made of functions: text is always text, and styles go through CSSOM, as the policy of a served page demands.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {Object} Attributes
 * @property {string} [class]
 * @property {Record<string, string>} [dataset]
 * @property {Record<string, (event: any) => void>} [on] listeners by the names of their events
 * @property {Record<string, string>} [style]
 *
 * @typedef {Node | string | null | undefined | false} Child
 */

/**
 * An HTML element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes & Record<string, any>} [attributes] true: an empty attribute; false, null and undefined: none
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  assign(made, attributes);
  append(made, children);
  return made;
}

/**
 * An SVG element.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes & Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  assign(made, attributes);
  append(made, children);
  return made;
}

/** @param {HTMLElement | SVGElement} made @param {Attributes & Record<string, any>} attributes */
function assign(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "on") for (const [event, run] of Object.entries(value)) made.addEventListener(event, /** @type {any} */ (run));
    else if (name === "dataset") Object.assign(made.dataset, value);
    else if (name === "style") for (const [property, text] of Object.entries(value)) made.style.setProperty(property, String(text));
    else if (value === true) made.setAttribute(name, "");
    else made.setAttribute(name, String(value));
  }
}

/** @param {Element} made @param {Child[]} children */
function append(made, children) {
  for (const child of children) if (child !== null && child !== undefined && child !== false) made.append(child);
}
