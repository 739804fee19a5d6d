// What the shell says of this page.

/**
 * @typedef {Object} Facts
 * @property {string} page
 * @property {string} version
 * @property {Record<string, string>} names of the languages
 * @property {string} [name] of the collection or study in the address
 */

/** @param {string} id @returns {any} */
function block(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "{}");
}

/** @type {Facts} */
export const facts = block("facts");

/** @type {Record<string, string | Record<string, string>>} */
export const texts = block("texts");

export const language = document.documentElement.lang;

/** Remember a choice of the reader for a year: the server makes the shell by it. @param {"language" | "theme"} name @param {string} value */
export function remember(name, value) {
  document.cookie = `podoba-${name}=${value}; path=/; max-age=31536000; samesite=strict`;
}
