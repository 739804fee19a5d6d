// A quiet sign in the head of every page while something is being done behind it.

import { getQuietly } from "../core/api.js";
import { element, svg } from "../core/dom.js";
import { percent, t } from "../core/text.js";
import { isBusy } from "./job_events.js";

/** @typedef {import("./job_events.js").Job} Job */

const BUSY = 3000; // milliseconds between two looks while something is being done
const IDLE = 15000;
const LENGTH = 2 * Math.PI * 8; // of the ring

/** The sign, a link to the jobs; it asks now and then, and only while the page is seen. */
export function jobIndicator() {
  const arc = svg("circle", { class: "arc", cx: 12, cy: 12, r: 8, "stroke-dasharray": LENGTH, "stroke-dashoffset": LENGTH });
  const ring = svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("circle", { class: "ring", cx: 12, cy: 12, r: 8 }), arc);
  const words = element("span", { class: "hidden-text" });
  const share = element("span", { class: "share numbers", "aria-hidden": "true" });
  const node = element("a", { class: "job-indicator", href: "/jobs", hidden: true }, ring, share, words);

  /** @param {Job[]} jobs */
  const show = (jobs) => {
    const busy = jobs.filter(isBusy);
    const job = busy.find((one) => one.state === "running") ?? busy[0];
    node.hidden = !job;
    if (!job) return;
    const done = job.total ? job.done / job.total : 0.25;
    node.classList.toggle("unknown", !job.total);
    arc.setAttribute("stroke-dashoffset", String(LENGTH * (1 - done)));
    share.textContent = job.total ? percent(done) : "";
    words.textContent = t("shell.busy", { n: busy.length });
  };
  const look = async () => {
    let wait = IDLE;
    if (!document.hidden) {
      show((await getQuietly("/jobs"))?.jobs ?? []); // a page says by itself that no server answers
      if (!node.hidden) wait = BUSY;
    }
    setTimeout(look, wait);
  };
  look();
  return node;
}
