// The address holds the state of a page: a reload, a link and the button "back" give the same page again.

/** @type {Set<() => void>} */
const listeners = new Set();

/** The parameters of the address. */
export function read() {
  return new URLSearchParams(location.search);
}

/**
 * Change parameters of the address.
 * @param {Record<string, string | string[] | null>} changes null or an empty list: the parameter is left out
 * @param {{push?: boolean}} [options] push: "back" returns to what was before
 */
export function write(changes, { push = false } = {}) {
  const parameters = read();
  for (const [name, value] of Object.entries(changes)) {
    parameters.delete(name);
    for (const one of Array.isArray(value) ? value : value === null ? [] : [value]) parameters.append(name, one);
  }
  const query = parameters.toString();
  const target = location.pathname + (query ? `?${query}` : "");
  if (target === location.pathname + location.search) return;
  if (push) history.pushState(null, "", target);
  else history.replaceState(null, "", target);
}

/** Call when the reader went back or forth. @param {() => void} run */
export function changed(run) {
  listeners.add(run);
}

addEventListener("popstate", () => listeners.forEach((run) => run()));
