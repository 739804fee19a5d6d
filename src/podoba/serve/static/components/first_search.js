// Pictures of a collection while it grows, and at last as first searches to try.

import { collectionPath, get, thumbnail } from "../core/api.js";
import { element } from "../core/dom.js";
import { t } from "../core/text.js";

const SHOWN = 24; // pictures while it grows
const TRIED = 6; // pictures to begin a search with
const PAUSE = 1500; // milliseconds between two looks

/**
 * The newest pictures of a collection, looked at again and again from the start to the stop.
 * @param {string} collection
 * @returns {{node: HTMLElement, start: () => void, stop: () => void}}
 */
export function growing(collection) {
  const node = element("div", { class: "growing", "aria-hidden": "true" });
  /** @type {Set<string>} */
  const known = new Set();
  let going = false;
  const look = async () => {
    const { total } = await get(`${collectionPath(collection)}/items?k=1`);
    const { items } = await get(`${collectionPath(collection)}/items?k=${SHOWN}&offset=${Math.max(0, total - SHOWN)}`);
    for (const item of items) {
      if (known.has(item.id)) continue;
      known.add(item.id);
      node.prepend(element("img", { src: thumbnail(collection, item.id, 192), alt: "", width: 96, height: 96, decoding: "async" }));
    }
    while (node.children.length > SHOWN) node.lastElementChild?.remove();
    if (going) setTimeout(go, PAUSE);
  };
  const go = () => { look().catch(() => { going = false; }); }; // it is a pleasure, and no more: the work goes on
  return {
    node,
    start() {
      if (going) return;
      going = true;
      go();
    },
    stop() { going = false; },
  };
}

/**
 * A few pictures from all over a collection, each a search by itself.
 * @param {string} collection
 * @returns {Promise<HTMLElement>}
 */
export async function suggestions(collection) {
  const path = collectionPath(collection);
  const { total } = await get(`${path}/items?k=1`);
  const rows = [...new Set(Array.from({ length: TRIED }, (_, n) => Math.floor((total * (n + 0.5)) / TRIED)))];
  const answers = await Promise.all(rows.map((row) => get(`${path}/items?k=1&offset=${row}`)));
  const items = answers.flatMap((answer) => answer.items);
  return element("ul", { class: "suggestions" }, ...items.map((item, row) => element("li", {},
    element("a", { href: `/c/${encodeURIComponent(collection)}/search?q=${encodeURIComponent(`id:${item.id}`)}` },
      element("img", { src: thumbnail(collection, item.id, 384), alt: t("welcome.like_this", { n: row + 1 }), decoding: "async" })))));
}
