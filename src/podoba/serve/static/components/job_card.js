// One job: what it does, how far it has come, what can be done with it. It changes in place, so that the focus stays.

import { say, toast } from "../core/announce.js";
import { post } from "../core/api.js";
import { element, fill, foreign } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { explained } from "../core/problems.js";
import { date, rich, t } from "../core/text.js";
import { hasEnded, isBusy } from "./job_events.js";
import { jobOutcome } from "./job_outcome.js";
import { progressBar } from "./progress.js";
import { skippedFiles } from "./skipped_files.js";

/** @typedef {import("./job_events.js").Job} Job */

const MARKS = /** @type {const} */ ({ waiting: "", running: "good", paused: "warn", stopped: "", done: "good", failed: "bad" });

/**
 * The card of a job.
 * @param {Job} first
 * @returns {{node: HTMLLIElement, show: (job: Job) => void}}
 */
export function jobCard(first) {
  const title = element("h3", { id: `job-${first.id}` }, ...rich(`jobs.kind.${first.kind}`, { collection: foreign(first.collection) }));
  const mark = element("span", { class: "badge" });
  const asked = element("span", { class: "muted small" }, date(first.created));
  const bar = progressBar();
  const outcome = element("div", { class: "outcome" });
  const skipped = skippedFiles();
  const buttons = {
    pause: button("pause", "pause", t("jobs.pause")),
    resume: button("resume", "play", t("jobs.resume")),
    again: button("resume", "refresh", t("jobs.again")),
    stop: button("stop", "stop", t("jobs.stop")),
  };
  const actions = element("div", { class: "toolbar" }, buttons.resume, buttons.again, buttons.pause, buttons.stop);
  const node = element("li", { class: "card job", "aria-labelledby": title.id },
    element("div", { class: "job-head" }, title, mark, asked), bar.node, outcome, skipped.node, actions);
  let state = "";

  /** @param {"pause" | "resume" | "stop"} act @param {import("../core/icons.js").IconName} picture @param {string} text */
  function button(act, picture, text) {
    return element("button", { type: "button", on: { click: () => run(act) }, "aria-describedby": title.id }, icon(picture), text);
  }

  /** @param {"pause" | "resume" | "stop"} act */
  async function run(act) {
    try {
      show(await post(`/jobs/${first.id}/${act}`));
    } catch (error) {
      toast(explained(error), { urgent: true });
    }
  }

  /** @param {Job} job */
  function show(job) {
    bar.node.hidden = hasEnded(job);
    if (!bar.node.hidden) bar.show(job);
    skipped.show(job.id, job.skipped);
    if (job.state === state) return;
    const focused = actions.contains(document.activeElement);
    if (state) say(t("jobs.said", { job: title.textContent ?? "", state: t(`jobs.state.${job.state}`) }));
    state = job.state;
    mark.textContent = t(`jobs.state.${job.state}`);
    mark.className = `badge ${MARKS[job.state]}`;
    fill(outcome, ...jobOutcome(job));
    buttons.pause.hidden = !(isBusy(job) && job.can_pause);
    buttons.resume.hidden = job.state !== "paused";
    buttons.again.hidden = !(job.state === "stopped" || job.state === "failed");
    buttons.stop.hidden = hasEnded(job);
    if (focused) focusShown();
  }

  /** The focus stays in the card when the button that had it is gone. */
  function focusShown() {
    const shown = Object.values(buttons).filter((one) => !one.hidden);
    if (shown.some((one) => one === document.activeElement)) return;
    (shown[0] ?? node.querySelector("a"))?.focus();
  }

  show(first);
  return { node, show };
}
