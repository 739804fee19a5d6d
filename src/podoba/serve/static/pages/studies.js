// The studies that are served, and how far they have come.

import { ago, progressBar, stateBadge } from "../components/study_state.js";
import { get } from "../core/api.js";
import { byId, element, fill, foreign } from "../core/dom.js";
import { header } from "../core/header.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";

/** @typedef {import("../components/study_state.js").Outline} Outline */

const EVERY = 3000; // milliseconds between two looks while a study is running

header();
const main = byId("main");
const list = element("div");
fill(main, element("div", { class: "library" }, element("h1", {}, t("studies.title")), list));

let shown = "";

async function draw() {
  /** @type {{studies: Outline[]}} */
  const { studies } = await get("/studies");
  const now = JSON.stringify(studies);
  if (now !== shown) {
    shown = now;
    fill(list, ...(studies.length ? [element("ul", { class: "cards" }, ...studies.map(card))] : [none()]));
  }
  if (studies.some((study) => study.state === "running")) setTimeout(() => draw().catch(failed), EVERY);
}

function none() {
  return element("div", { class: "empty" }, element("p", {}, t("studies.none")), element("p", {}, t("studies.how")),
    element("pre", { tabindex: 0 }, "podoba study PLAN --out FOLDER\npodoba serve photos.podoba FOLDER"));
}

/** @param {Outline} study */
function card(study) {
  const href = `/studies/${encodeURIComponent(study.name)}`;
  return element("li", { class: "card study", dataset: { study: study.name } },
    element("div", { class: "card-head" }, element("h2", {}, element("a", { href }, foreign(study.title))), stateBadge(study)),
    study.description && element("p", { class: "clamped" }, foreign(study.description)),
    study.state === "damaged" ? element("p", {}, t("study.damaged")) : progressBar(study),
    element("p", { class: "muted" }, ...(study.state === "damaged" ? [] : [t("study.variants", { n: study.variants }), " · "]), t("study.changed", { time: ago(study.changed) })));
}

/** @param {unknown} error */
function failed(error) {
  fill(list, element("p", { role: "alert" }, explained(error)));
}

draw().catch(failed);
