// How far a job is, until it has ended.

import { address } from "../../core/api.js";
import { element, fill } from "../../core/dom.js";
import { number, t } from "../../core/text.js";

/** @typedef {{id: string, kind: string, state: string, stage: string, done: number, total: number, code: string | null, message: string | null, skipped: number, result: Record<string, any> | null}} Job */

/** Texts of what is being done, by the names of stages. @type {Record<string, string>} */
const STAGES = {
  "reading small images": "duplicates.stage.reading",
  "finding neighbours": "duplicates.stage.neighbours",
  "comparing pairs": "duplicates.stage.comparing",
  "weighing copies": "duplicates.stage.weighing",
  "grouping": "duplicates.stage.grouping",
  "moving": "duplicates.stage.moving",
  "putting back": "duplicates.stage.returning",
};
const ENDED = ["done", "stopped", "failed"];

/**
 * Show a job until it ends.
 * @param {HTMLElement} place
 * @param {Job} job
 * @returns {Promise<Job>} as it ended
 */
export function follow(place, job) {
  const label = element("p", { id: "job-stage" });
  const bar = element("progress", { "aria-labelledby": label.id });
  fill(place, label, bar);
  const show = (/** @type {Job} */ now) => {
    label.textContent = now.total
      ? t("duplicates.stage.of", { stage: stage(now), done: number(now.done), total: number(now.total) })
      : stage(now);
    if (now.total) Object.assign(bar, { max: now.total, value: now.done });
    else bar.removeAttribute("value");
  };
  show(job);
  return new Promise((resolve) => {
    const events = new EventSource(address(`/jobs/${job.id}/events`));
    events.addEventListener("state", (event) => {
      const now = /** @type {Job} */ (JSON.parse(event.data));
      show(now);
      if (!ENDED.includes(now.state)) return;
      events.close();
      resolve(now);
    });
  });
}

/** @param {Job} job */
function stage(job) {
  if (job.state === "waiting") return t("duplicates.stage.waiting");
  return t(STAGES[job.stage] ?? "duplicates.stage.working");
}
