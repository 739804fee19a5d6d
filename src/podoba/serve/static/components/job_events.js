// The jobs as the server tells them, anew after each change, for as long as the page is looked at.

import { address, get } from "../core/api.js";

const AGAIN = 5000; // milliseconds after which a server that does not answer is asked again

/**
 * @typedef {Object} Job
 * @property {string} id
 * @property {string} kind
 * @property {string} collection
 * @property {"waiting" | "running" | "paused" | "stopped" | "done" | "failed"} state
 * @property {string} stage
 * @property {number} done
 * @property {number} total 0: not known
 * @property {number | null} seconds_left
 * @property {string | null} code
 * @property {string | null} message
 * @property {number} skipped
 * @property {Record<string, any> | null} result
 * @property {boolean} can_pause
 * @property {string} created
 */

/** Whether nothing more happens to a job by itself. @param {Job} job */
export function hasEnded(job) {
  return ["stopped", "done", "failed"].includes(job.state);
}

/** Whether a job works, or is going to. @param {Job} job */
export function isBusy(job) {
  return job.state === "running" || job.state === "waiting";
}

/**
 * Follow all jobs. A browser has few connections to one server, so a page that nobody sees lets go of its own.
 * @param {(jobs: Job[]) => void} show
 * @param {(lost: boolean) => void} connection whether the server cannot be reached at the moment
 */
export function followJobs(show, connection) {
  /** @type {EventSource | null} */
  let source = null;
  const open = () => {
    source = new EventSource(address("/jobs/events"));
    source.addEventListener("state", (event) => {
      connection(false);
      show(JSON.parse(event.data).jobs);
    });
    source.addEventListener("error", () => {
      connection(true);
      if (source?.readyState !== EventSource.CLOSED) return; // it tries again by itself
      get("/jobs").then(reopen, () => setTimeout(reopen, AGAIN)); // which leads to the sign-in where the session has ended
    });
  };
  const close = () => {
    source?.close();
    source = null;
  };
  const reopen = () => {
    close();
    if (!document.hidden) open();
  };
  document.addEventListener("visibilitychange", reopen);
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) reopen(); });
  reopen();
}
