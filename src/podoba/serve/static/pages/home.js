// The first page: the collections and studies that are served, as cards with some of their pictures.

import { collectionPath, get, thumbnail } from "../core/api.js";
import { byId, element, fill, foreign } from "../core/dom.js";
import { header } from "../core/header.js";
import { icon } from "../core/icons.js";
import { explained } from "../core/problems.js";
import { rich, t } from "../core/text.js";

const SAMPLES = 5;

/** @typedef {{name: string, title: string, variants: number}} Study */
/** @typedef {{name: string, items: number, state: "ready" | "empty" | "missing" | "away", capabilities: string[], model: {name: string} | null}} Collection */

header();
const main = byId("main");

async function draw() {
  const [{ collections }, { studies }] = await Promise.all([get("/collections"), get("/studies")]);
  fill(main,
    element("h1", {}, t("home.title")),
    collections.length ? element("ul", { class: "cards" }, ...collections.map(card)) : nothing(),
    ...(studies.length
      ? [element("h2", { class: "later" }, t("home.studies")), element("ul", { class: "cards" }, ...studies.map(studyCard))] : []));
}

/** @param {Collection} collection */
function card(collection) {
  const ready = collection.state === "ready";
  const here = collection.capabilities.includes("index"); // another one is not filled from the page
  const path = encodeURIComponent(collection.name);
  const samples = element("div", { class: "samples", "aria-hidden": "true" });
  const none = () => samples.append(icon("image"));
  if (ready) show(samples, collection).catch(none);
  else none();
  return element("li", { class: "card collection-card" }, samples,
    element("h2", {}, element("a", { href: ready || !here ? `/c/${path}/search` : `/welcome?collection=${path}` }, foreign(collection.name))),
    element("p", { class: "muted" }, ready ? t("home.items", { n: collection.items }) : t(`home.${collection.state}`)),
    collection.model && element("p", { class: "muted small" }, ...rich("home.model", { name: foreign(collection.model.name) })));
}

/** Show some pictures of a collection, from all over it. @param {HTMLElement} place @param {Collection} collection */
async function show(place, collection) {
  const count = Math.min(SAMPLES, collection.items);
  const places = collection.capabilities.includes("browse")
    ? Array.from({ length: count }, (_, row) => `k=1&offset=${Math.floor((row * collection.items) / count)}`)
    : [`k=${count}`];
  /** @type {Api.ItemsAnswer[]} */
  const answers = await Promise.all(places.map((some) => get(`${collectionPath(collection.name)}/items?${some}`)));
  const items = answers.flatMap((answer) => answer.items);
  place.append(...items.map((item, row) =>
    element("img", { src: thumbnail(collection.name, item.id, row ? 192 : 384), alt: "", loading: "lazy", decoding: "async" })));
  place.dataset.count = String(items.length);
}

/** @param {Study} study */
function studyCard(study) {
  return element("li", { class: "card collection-card" },
    element("h3", {}, element("a", { href: `/studies/${encodeURIComponent(study.name)}` }, foreign(study.title))),
    element("p", { class: "muted" }, t("home.variants", { n: study.variants })));
}

function nothing() {
  return element("div", { class: "notice" }, icon("image"), element("p", {}, t("home.nothing")),
    element("a", { class: "button primary", href: "/welcome" }, t("home.begin")));
}

draw().catch((error) => fill(main, element("p", { role: "alert" }, explained(error))));
