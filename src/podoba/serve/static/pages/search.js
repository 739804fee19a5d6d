// Search: a picture, a part of one, or words; what is like it, how surely, and what a person says of it.

import { get, collectionPath } from "../core/api.js";
import { byId, element, fill } from "../core/dom.js";
import { header } from "../core/header.js";
import { facts } from "../core/page.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";
import { SearchView } from "../components/search_view.js";

const name = String(facts.name);
header({ title: t("search.title_of", { name }) });
const main = byId("main");

async function start() {
  const collection = await get(collectionPath(name));
  if (collection.state === "away") return tell(t("problems.away"));
  if (collection.state !== "ready" && !collection.capabilities.includes("index")) return tell(t("search.empty"));
  if (collection.state !== "ready") {
    const href = `/welcome?collection=${encodeURIComponent(name)}`;
    return fill(main, element("div", { class: "empty" }, element("h1", {}, t("search.empty")), element("p", {}, t("search.empty_how")), element("a", { class: "button primary", href }, t("search.welcome"))));
  }
  const view = new SearchView(collection);
  fill(main, view.node);
  return view.restore();
}

/** Say why nothing can be searched now, with a way to try again. @param {string} why */
function tell(why) {
  const again = element("button", { type: "button", on: { click: () => { again.disabled = true; begin(); } } }, t("search.again"));
  fill(main, element("div", { class: "empty", role: "alert" }, element("h1", {}, why), again));
}

function begin() {
  start().catch((error) => tell(explained(error)));
}

begin();
