// How far one job is, until it has ended.

import { address } from "../../core/api.js";
import { fill } from "../../core/dom.js";
import { hasEnded } from "../job_events.js";
import { progressBar } from "../progress.js";

/** @typedef {import("../job_events.js").Job} Job */

/**
 * Show a job until it ends.
 * @param {HTMLElement} place
 * @param {Job} job
 * @returns {Promise<Job>} as it ended
 */
export function follow(place, job) {
  const bar = progressBar();
  fill(place, bar.node);
  bar.show(job);
  return new Promise((resolve) => {
    const events = new EventSource(address(`/jobs/${job.id}/events`));
    events.addEventListener("state", (event) => {
      const now = /** @type {Job} */ (JSON.parse(event.data));
      bar.show(now);
      if (!hasEnded(now)) return;
      events.close();
      resolve(now);
    });
  });
}
