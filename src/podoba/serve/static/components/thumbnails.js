// Thumbnails are fetched a few at a time, those asked for last first, and given up when nobody waits for them any more.

const AT_ONCE = 6; // as many as a browser opens connections to one server
const PATIENCE = 30; // ms that a cell must stay in view before anything is asked for it
const AGAIN = 1000; // ms before the next try where the server is busy and does not say how long

/**
 * @typedef {object} Waiting
 * @property {string} url
 * @property {(source: string) => void} arrived called with a URL that is good until it returns a picture that has loaded
 * @property {() => void} failed
 * @property {AbortController} stop
 */

/** @type {Waiting[]} */
const waiting = [];
let loading = 0;
let timer = 0;

/**
 * Fetch a picture, before all that were asked for earlier.
 * @param {string} url
 * @param {(source: string) => void} arrived called with an object URL, which belongs to the caller
 * @param {() => void} failed
 * @returns {() => void} gives it up
 */
export function fetchThumbnail(url, arrived, failed) {
  /** @type {Waiting} */
  const one = { url, arrived, failed, stop: new AbortController() };
  waiting.push(one);
  timer ||= window.setTimeout(start, PATIENCE);
  return () => {
    one.stop.abort();
    const place = waiting.indexOf(one);
    if (place >= 0) waiting.splice(place, 1);
  };
}

function start() {
  timer = 0;
  while (loading < AT_ONCE) {
    const newest = waiting.pop();
    if (!newest) return;
    loading += 1;
    void load(newest).finally(() => {
      loading -= 1;
      start();
    });
  }
}

/** @param {Waiting} one */
async function load(one) {
  const { signal } = one.stop;
  try {
    const answer = await fetch(one.url, { signal, credentials: "same-origin" });
    if (answer.status === 503) {
      const seconds = Number(answer.headers.get("Retry-After"));
      window.setTimeout(() => signal.aborted || (waiting.unshift(one), start()), seconds > 0 ? seconds * 1000 : AGAIN);
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const picture = await answer.blob();
    if (!signal.aborted) one.arrived(URL.createObjectURL(picture));
  } catch {
    if (!signal.aborted) one.failed();
  }
}
