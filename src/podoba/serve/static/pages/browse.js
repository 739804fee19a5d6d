// Browse: all pictures of a collection, by filter and order; from here a search begins with one of them.

import { collectionPath, get } from "../core/api.js";
import { byId, element, fill } from "../core/dom.js";
import { header } from "../core/header.js";
import { facts } from "../core/page.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";
import { BrowseView } from "../components/browse_view.js";

const name = String(facts.name);
header({ title: t("browse.title_of", { name }) });
const main = byId("main");

async function start() {
  const collection = await get(collectionPath(name));
  if (collection.state !== "ready") {
    const href = `/welcome?collection=${encodeURIComponent(name)}`;
    return fill(main, element("div", { class: "empty" }, element("h1", {}, t("browse.empty")), element("a", { class: "button primary", href }, t("browse.welcome"))));
  }
  const view = new BrowseView(name, collection.attributes);
  fill(main, view.node);
  return view.restore();
}

start().catch((error) => fill(main, element("p", { class: "empty", role: "alert" }, explained(error))));
