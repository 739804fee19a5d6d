// Before many groups are decided at once: how many, what that frees, some of them, and the list of all.

import { address, collectionPath, get, post } from "../../core/api.js";
import { element, fill, foreign } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { explained } from "../../core/problems.js";
import { bytes, t } from "../../core/text.js";
import { dialog } from "../dialog.js";
import { kindText, picture } from "./group.js";

export const SAFE = ["identical", "same picture"];

/**
 * Let the reader look at all open groups of safe kinds, and decide them as suggested.
 * @param {string} collection
 * @param {boolean} across without groups inside one folder
 * @param {string[]} available safe kinds that have open groups
 * @param {(state: any) => void} decided called with the state of the review then
 */
export function showOverview(collection, across, available, decided) {
  const path = `${collectionPath(collection)}/duplicates`;
  const boxes = available.map((kind) => element("input", { type: "checkbox", value: kind, checked: true, on: { change: () => load() } }));
  const content = element("div", { class: "overview", "aria-live": "polite" });
  const shown = dialog(t("duplicates.overview"),
    element("fieldset", {}, element("legend", { class: "hidden-text" }, t("duplicates.kinds")),
      ...boxes.map((box) => element("label", {}, box, kindText(box.value)))),
    content);
  load();

  async function load() {
    const kinds = boxes.filter((box) => box.checked).map((box) => box.value);
    if (!kinds.length) return fill(content, element("p", {}, t("duplicates.overview.none")));
    const query = new URLSearchParams([...kinds.map((kind) => ["kind", kind]), ["across", String(across)]]);
    try {
      draw(kinds, query, await get(`${path}/overview?${query}`));
    } catch (error) {
      fill(content, element("p", { class: "error", role: "alert" }, explained(error)));
    }
  }

  /** @param {string[]} kinds @param {URLSearchParams} query @param {{groups: number, pictures: number, bytes: number, sample: import("./queue.js").Group[], token: string}} seen */
  function draw(kinds, query, seen) {
    if (!seen.groups) return fill(content, element("p", {}, t("duplicates.overview.none")));
    const error = element("p", { class: "error", role: "alert", hidden: true });
    const accept = element("button", { type: "button", class: "primary", on: { click: () => run() } }, icon("check"), t("duplicates.overview.decide", { n: seen.groups }));
    fill(content,
      element("p", { class: "lead" }, t("duplicates.overview.groups", { n: seen.groups })),
      element("p", {}, t("duplicates.overview.going", { n: seen.pictures, bytes: bytes(seen.bytes) })),
      element("p", { class: "muted" }, t("duplicates.overview.nothing_moves")),
      element("h3", {}, t("duplicates.overview.sample")),
      element("ul", { class: "sample" }, ...seen.sample.map((group) => sampleRow(collection, group))),
      error,
      element("footer", {},
        element("a", { class: "button", download: "", href: address(`${path}/export?${query}&what=safe`) }, icon("download"), t("duplicates.overview.list")),
        element("button", { type: "button", on: { click: shown.close } }, t("duplicates.cancel")), accept));

    async function run() {
      accept.disabled = true;
      try {
        const state = await post(`${path}/decisions/safe`, { kinds, across, seen: seen.token });
        shown.close();
        decided(state);
      } catch (problem) {
        error.textContent = explained(problem);
        error.hidden = accept.disabled = false;
      }
    }
  }
}

/** @param {string} collection @param {import("./queue.js").Group} group */
function sampleRow(collection, group) {
  const items = [...group.items].sort((a, b) => Number(b.stays) - Number(a.stays));
  return element("li", {}, ...items.slice(0, 4).map((item) => element("figure", { class: item.stays ? "stays" : "goes" },
    picture(collection, item),
    element("figcaption", {}, icon(item.stays ? "check" : "close"), element("span", { class: "hidden-text" }, t(item.stays ? "duplicates.stays" : "duplicates.goes")), foreign(item.name)))),
    items.length > 4 && element("p", { class: "muted" }, t("duplicates.overview.more", { n: items.length - 4 })));
}
