// Two pictures of a collection, compared; from a search also right, wrong and the next result.

import { collectionPath, get } from "../core/api.js";
import { toast } from "../core/announce.js";
import { byId, element, fill } from "../core/dom.js";
import { header } from "../core/header.js";
import { icon } from "../core/icons.js";
import { keys } from "../core/keys.js";
import { legend } from "../core/legend.js";
import { facts } from "../core/page.js";
import { explained } from "../core/problems.js";
import { changed, read, write } from "../core/state.js";
import { t } from "../core/text.js";
import { dialog } from "../components/dialog.js";
import { VIEWER_KEYS } from "../components/viewer/keys.js";
import { VERDICT_KEYS, Verdicts, partOf } from "../components/viewer/verdicts.js";
import { Viewer } from "../components/viewer/viewer.js";

/** @typedef {import("../components/viewer/attributes.js").Side} Side */

header();
const name = String(facts.name);
const main = byId("main");
const viewer = new Viewer(name, {
  mode: /** @type {"side" | "slider" | "difference"} */ (["slider", "difference"].find((mode) => mode === read().get("mode")) ?? "side"),
  modeChanged: (mode) => write({ mode: mode === "side" ? null : mode }),
  swapped: () => write({ left: viewer.sides?.[0]?.id ?? null, right: viewer.sides?.[1]?.id ?? null }),
});
const part = partOf(read().get("query") ?? "");
const verdicts = part && new Verdicts(name, part, (id) => { write({ right: id }, { push: true }); attempt(draw); });
const table = [...VIEWER_KEYS, ...(verdicts ? VERDICT_KEYS : [])];
const help = element("button", { type: "button", class: "quiet icon-only", "aria-label": t("compare.keys"), title: t("compare.keys"), on: { click: () => dialog(t("compare.keys"), legend(t("compare.keys.where"), table)) } }, icon("help"));

async function draw() {
  const { left, right } = Object.fromEntries(read());
  if (!left || !right) return fill(main, element("h1", {}, t("compare.title")), element("div", { class: "notice" }, icon("compare"), element("p", {}, t("compare.choose")),
    element("a", { class: "button primary", href: `/c/${encodeURIComponent(name)}/browse` }, t("shell.browse"))));
  const [first, second] = /** @type {[Side, Side]} */ (await Promise.all([left, right].map((id) => get(`${collectionPath(name)}/items/${encodeURIComponent(id)}`))));
  viewer.setSides(first, second);
  verdicts?.show(second.id);
  if (!viewer.node.isConnected) {
    fill(main, element("div", { class: "compare-head toolbar" }, element("h1", {}, t("compare.title")), ...(verdicts ? [verdicts.node] : []), element("span", { class: "end" }), help), viewer.node);
    viewer.stage.focus({ preventScroll: true });
  }
}

/** @param {() => Promise<void>} run */
async function attempt(run) {
  try {
    await run();
  } catch (error) {
    if (viewer.node.isConnected) return toast(explained(error), { urgent: true });
    fill(main, element("h1", {}, t("compare.title")), element("p", { role: "alert" }, explained(error)));
  }
}

if (verdicts) {
  const actions = Object.fromEntries(Object.entries(verdicts.actions).map(([key, run]) => [key, () => attempt(async () => { await run(); })]));
  keys(main, VERDICT_KEYS, actions);
  attempt(() => verdicts.load());
}
changed(() => attempt(draw));
attempt(draw);
