// The way to the page where two pictures are compared.

/**
 * Go to the page where two pictures are compared.
 * @param {string} collection
 * @param {string} left
 * @param {string} right
 * @param {string} [query] the part of a query, as the address of a search names it, that found the right one: it can be marked there
 */
export function compare(collection, left, right, query) {
  location.assign(`/c/${encodeURIComponent(collection)}/compare?${new URLSearchParams({ left, right, ...(query ? { query } : {}) })}`);
}
