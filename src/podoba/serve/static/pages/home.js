// The first page: what is served.

import { collectionPath, get } from "../core/api.js";
import { byId, element, fill, foreign } from "../core/dom.js";
import { header } from "../core/header.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";

header();
const main = byId("main");

async function draw() {
  const { collections } = await get("/collections");
  fill(main, element("h1", {}, t("home.title")), element("ul", { class: "cards" }, ...collections.map(card)));
}

/** @param {{name: string, items: number}} collection */
function card(collection) {
  const href = `/c/${encodeURIComponent(collection.name)}/search`;
  return element("li", { class: "card", dataset: { path: collectionPath(collection.name) } },
    element("a", { href }, foreign(collection.name)), element("p", {}, t("home.items", { n: collection.items })));
}

draw().catch((error) => fill(main, element("p", { role: "alert" }, explained(error))));
