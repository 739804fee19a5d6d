// How far a job has come: a bar, a sentence, and how long it will still take.

import { element } from "../core/dom.js";
import { hasText, number, t } from "../core/text.js";

/** @typedef {import("./job_events.js").Job} Job */

/**
 * A bar and its words, which change in place.
 * @returns {{node: HTMLElement, show: (job: Job) => void}}
 */
export function progressBar() {
  const stage = element("span", { class: "stage" });
  const facts = element("span", { class: "muted numbers" });
  const bar = element("progress", { max: 1 });
  const node = element("div", { class: "job-progress" }, element("p", {}, stage, facts), bar);
  return {
    node,
    show(job) {
      stage.textContent = stageOf(job);
      facts.textContent = factsOf(job).join(" · ");
      bar.setAttribute("aria-label", stage.textContent);
      if (job.total) bar.value = job.done / job.total;
      else if (job.state === "running") bar.removeAttribute("value");
      else bar.value = 0;
    },
  };
}

/** What is being done. @param {Job} job */
export function stageOf(job) {
  if (job.state === "waiting") return t("jobs.waits");
  if (job.state === "paused") return t("jobs.rests");
  if (job.code === "busy") return t("jobs.code.busy");
  const key = `jobs.stage.${job.stage.replaceAll(" ", "_")}`;
  return hasText(key) ? t(key) : t("jobs.stage.other");
}

/** @param {Job} job */
function factsOf(job) {
  const facts = job.total ? [t("jobs.of", { done: number(job.done), total: number(job.total) })] : [];
  if (job.seconds_left !== null) facts.push(timeLeft(job.seconds_left));
  return facts;
}

/** @param {number} seconds */
export function timeLeft(seconds) {
  if (seconds < 50) return t("jobs.left.seconds", { n: Math.max(5, 5 * Math.ceil(seconds / 5)) });
  if (seconds < 3300) return t("jobs.left.minutes", { n: Math.max(1, Math.round(seconds / 60)) });
  return t("jobs.left.hours", { n: Math.round(seconds / 3600) });
}
