// The last decisions, each of which can be taken back.

import { element, fill } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { date, t } from "../../core/text.js";

/** @typedef {{batch: number, made: string, groups: number, kept: number, removed: number}} Batch */

/**
 * @param {HTMLElement} place
 * @param {Batch[]} batches the newest first
 * @param {(batch: number) => void} undo
 */
export function showHistory(place, batches, undo) {
  fill(place, ...(batches.length ? [element("details", {},
    element("summary", {}, t("duplicates.history", { n: batches.length })),
    element("ol", { class: "history" }, ...batches.map((batch) => element("li", {},
      element("time", { datetime: `${batch.made}Z`, class: "muted numbers" }, date(`${batch.made}Z`)),
      element("span", {}, said(batch)),
      element("button", { type: "button", on: { click: () => undo(batch.batch) } }, icon("undo"), t("duplicates.undo"))))))] : []));
}

/** @param {Batch} batch */
function said({ groups, removed }) {
  if (groups > 1) return t("duplicates.history.many", { n: groups });
  return removed ? t("duplicates.history.one", { n: removed }) : t("duplicates.history.none");
}
