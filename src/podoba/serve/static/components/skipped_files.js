// Files that a job left out, each with its reason, some at a time.

import { get } from "../core/api.js";
import { element, fill, foreign } from "../core/dom.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";

const PAGE = 50;

/**
 * A part of the page that opens to a list, which is asked for when it is opened.
 * @returns {{node: HTMLElement, show: (id: string, count: number) => void}}
 */
export function skippedFiles() {
  const summary = element("summary");
  const rows = element("tbody");
  const more = element("button", { type: "button", class: "quiet", hidden: true }, t("jobs.more"));
  const note = element("p", { class: "muted small", hidden: true });
  const table = element("table", {},
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, t("jobs.file")), element("th", { scope: "col" }, t("jobs.reason")))), rows);
  const node = element("details", { class: "skipped", hidden: true }, summary, element("div", { class: "scroll-x" }, table), more, note);
  let job = "", known = 0, shown = 0;

  const load = async () => {
    try {
      const { skipped, total } = await get(`/jobs/${job}/skipped?offset=${shown}&k=${PAGE}`);
      shown += skipped.length;
      rows.append(...skipped.map((/** @type {{name: string, uri: string | null, reason: string}} */ row) =>
        element("tr", {}, element("td", {}, foreign(row.uri ?? row.name)), element("td", { lang: "en" }, row.reason))));
      more.hidden = shown >= total;
      note.hidden = shown < total || total >= known;
      note.textContent = t("jobs.skipped_rest", { n: known - total });
    } catch (error) {
      note.hidden = false;
      note.textContent = explained(error);
    }
  };
  const begin = () => {
    shown = 0;
    fill(rows);
    if (node.open) load();
  };
  node.addEventListener("toggle", begin);
  more.addEventListener("click", load);
  return {
    node,
    show(id, count) {
      node.hidden = count === 0;
      if (id === job && count === known) return;
      job = id;
      known = count;
      summary.textContent = t("jobs.skipped", { n: count });
      if (shown === 0 || shown < PAGE) begin();
    },
  };
}
