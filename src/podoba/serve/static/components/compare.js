// The way to the page where two pictures are compared.

/**
 * Go to the page where two pictures are compared.
 * @param {string} collection
 * @param {string} left
 * @param {string} right
 */
export function compare(collection, left, right) {
  location.assign(`/c/${encodeURIComponent(collection)}/compare?${new URLSearchParams({ left, right })}`);
}
