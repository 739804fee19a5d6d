// What a job came to, and where to go from there.

import { toast } from "../core/announce.js";
import { post } from "../core/api.js";
import { element } from "../core/dom.js";
import { explained } from "../core/problems.js";
import { hasText, t } from "../core/text.js";
import { dialog } from "./dialog.js";

/** @typedef {import("./job_events.js").Job} Job */

const COUNTS = ["added", "changed", "moved", "vanished", "unchanged"];
const NEXT = /** @type {Record<string, string>} */ ({ index: "search", map: "map", duplicates: "duplicates" });

/** What is to be said of a job that has ended; nothing of others. @param {Job} job @returns {Node[]} */
export function jobOutcome(job) {
  if (job.state === "failed") return [element("p", { class: "error" }, reasonOf(job))];
  if (job.state === "stopped") return [element("p", { class: "muted" }, t("jobs.kept"))];
  if (job.state !== "done") return [];
  const parts = [];
  const words = resultOf(job);
  if (words) parts.push(element("p", {}, words));
  if (job.result?.held_back) parts.push(heldBack(job));
  if (job.result?.away) parts.push(element("p", { class: "muted" }, t("jobs.away", { n: job.result.away })));
  const page = NEXT[job.kind];
  if (page) parts.push(element("p", {}, element("a", { href: `/c/${encodeURIComponent(job.collection)}/${page}` }, t(`jobs.next.${job.kind}`))));
  return parts;
}

/** Why a job failed, in the reader's words. @param {Job} job */
export function reasonOf(job) {
  const key = `jobs.code.${job.code}`;
  return hasText(key) ? t(key) : job.message ?? t("jobs.code.fault");
}

/** @param {Job} job */
function resultOf(job) {
  const { result } = job;
  if (!result) return "";
  if (job.kind === "duplicates") return t("jobs.result.groups", { n: result.groups });
  const counts = COUNTS.filter((name) => result[name]).map((name) => t(`jobs.result.${name}`, { n: result[name] }));
  return counts.length ? `${counts.join(", ")}.` : job.kind === "index" ? t("jobs.result.nothing") : "";
}

/** Pictures that are gone, but so many that it is asked first. @param {Job} job */
function heldBack(job) {
  const n = job.result?.held_back;
  const forget = async () => {
    box.close();
    try {
      await post("/jobs", { kind: "index", collection: job.collection, forget: true });
    } catch (error) {
      toast(explained(error), { urgent: true });
    }
  };
  /** @type {{close: () => void}} */
  let box;
  const ask = () => {
    box = dialog(t("jobs.forget"), element("p", {}, t("jobs.forget_sure", { n })),
      element("footer", {},
        element("button", { type: "button", on: { click: () => box.close() } }, t("jobs.keep")),
        element("button", { type: "button", class: "danger", on: { click: forget } }, t("jobs.forget"))));
  };
  return element("div", { class: "held-back" }, element("p", {}, t("jobs.held_back", { n })),
    element("button", { type: "button", on: { click: ask } }, t("jobs.forget")));
}
