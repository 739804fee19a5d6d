// The models of the collections that are served, and all others that are on this computer.

import { modelCard } from "../components/model_card.js";
import { get } from "../core/api.js";
import { byId, element, fill } from "../core/dom.js";
import { header } from "../core/header.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";

header();
const main = byId("main");

async function draw() {
  /** @type {{models: import("../components/model_card.js").Model[]}} */
  const { models } = await get("/models");
  const collections = models.flatMap((model) => model.collections);
  fill(main, element("div", { class: "library" }, element("h1", {}, t("models.title")), element("p", { class: "lead" }, t("models.lead")),
    collections.length > 1 && element("p", {}, element("a", { href: "/compare" }, t("models.compare"))),
    element("div", { class: "models" }, ...models.map(modelCard))));
}

draw().catch((error) => fill(main, element("h1", {}, t("models.title")), element("p", { role: "alert" }, explained(error))));
