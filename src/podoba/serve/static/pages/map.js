// The map of a collection: every picture a point, look-alikes near each other.

import { collectionPath, get } from "../core/api.js";
import { byId, element, fill } from "../core/dom.js";
import { header } from "../core/header.js";
import { facts } from "../core/page.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";
import { MapView } from "../components/map/map_view.js";

const name = String(facts.name);
const main = byId("main");

async function start() {
  header({ title: t("map.title_of", { name }) });
  const collection = await get(collectionPath(name));
  if (collection.state !== "ready") {
    fill(main, element("h1", {}, t("map.title")), element("p", {}, t("map.empty")),
      element("p", {}, element("a", { href: `/welcome?collection=${encodeURIComponent(name)}` }, t("map.begin"))));
    return;
  }
  const view = new MapView(name, collection);
  fill(main, view.node);
  await view.start();
}

start().catch((error) => fill(main, element("h1", {}, t("map.title")), element("p", { role: "alert" }, explained(error))));
