// Looking for duplicates: which kinds, and how far it is.

import { collectionPath, post } from "../../core/api.js";
import { element, fill } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { explained } from "../../core/problems.js";
import { t } from "../../core/text.js";
import { KIND_TEXTS, kindText } from "./group.js";
import { follow } from "./progress.js";

/**
 * Offer the search for duplicates, or show the one that runs.
 * @param {HTMLElement} place
 * @param {string} collection
 * @param {import("./progress.js").Job | undefined} running
 * @param {() => void} found called when it has ended
 */
export function offerSearch(place, collection, running, found) {
  const boxes = Object.keys(KIND_TEXTS).map((kind) => element("input", { type: "checkbox", value: kind, checked: true }));
  const error = element("p", { class: "error", role: "alert", hidden: true });
  const begin = element("button", { type: "button", class: "primary", on: { click: () => start() } }, icon("search"), t("duplicates.find"));
  const form = element("div", { class: "find" },
    element("fieldset", {}, element("legend", {}, t("duplicates.find.kinds")),
      ...boxes.map((box) => element("label", {}, box, kindText(box.value)))),
    begin, error);
  const progress = element("div", { class: "find-progress", hidden: true });
  fill(place, form, progress);
  for (const box of boxes) box.addEventListener("change", () => { begin.disabled = !boxes.some((one) => one.checked); });
  if (running) show(running);

  async function start() {
    const kinds = boxes.filter((box) => box.checked).map((box) => box.value);
    error.hidden = true;
    try {
      await show(await post(`${collectionPath(collection)}/duplicates/find`, { kinds }));
    } catch (problem) {
      error.textContent = explained(problem);
      error.hidden = false;
    }
  }

  /** @param {import("./progress.js").Job} job */
  async function show(job) {
    form.hidden = true;
    progress.hidden = false;
    const ended = await follow(progress, job);
    if (ended.state === "done") return found();
    form.hidden = progress.hidden = false;
    fill(progress, element("p", { class: "error", role: "alert" }, t(ended.state === "stopped" ? "duplicates.find.stopped" : "duplicates.find.failed")));
  }
}
