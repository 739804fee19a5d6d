// Two models side by side: one query in two collections of the same pictures, and the classes they confuse.

import { get } from "../core/api.js";
import { byId, element, fill } from "../core/dom.js";
import { header } from "../core/header.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";
import { TwoModelsView } from "../components/two_models_view.js";

header();
const main = byId("main");

async function start() {
  const { collections } = await get("/collections");
  const ready = collections.filter((/** @type {{state: string, capabilities: string[]}} */ one) => one.state === "ready" && one.capabilities.includes("compare"));
  if (ready.length < 2) {
    fill(main, element("div", { class: "library" }, element("h1", {}, t("two_models.title")), element("p", { class: "lead" }, t("two_models.too_few")),
      element("pre", { tabindex: 0 }, "podoba index photos-2.podoba FOLDER --model small\npodoba serve photos.podoba photos-2.podoba")));
    return;
  }
  const view = new TwoModelsView(ready);
  fill(main, view.node);
  await view.restore();
}

start().catch((error) => fill(main, element("h1", {}, t("two_models.title")), element("p", { role: "alert" }, explained(error))));
