// How far a study has come: in words, and as a bar of its trainings.

import { element } from "../core/dom.js";
import { language } from "../core/page.js";
import { t } from "../core/text.js";

/**
 * @typedef {object} Outline as `GET /studies` gives it
 * @property {string} name
 * @property {string} title
 * @property {string} description
 * @property {"done" | "running" | "unfinished" | "damaged"} state
 * @property {string} changed
 * @property {boolean} report
 * @property {number} variants
 * @property {number} cells
 * @property {number} done
 * @property {number} failed
 * @property {number} stopped
 * @property {number} pending
 */

const PARTS = /** @type {const} */ (["done", "stopped", "failed", "pending"]);

/** A word for the state of a study. @param {Outline} study */
export function stateBadge(study) {
  return element("span", { class: `state ${study.state}` }, t(`study.state.${study.state}`));
}

/** The trainings of a study as a bar, and their numbers in words. @param {Outline} study */
export function progressBar(study) {
  const said = PARTS.filter((part) => study[part]).map((part) => t(`study.count.${part}`, { n: study[part] })).join(", ");
  return element("div", { class: "study-progress" },
    element("div", { class: "bar", "aria-hidden": "true" }, ...PARTS.filter((part) => study[part]).map((part) =>
      element("span", { class: part, style: { flex: String(study[part]) } }))),
    element("p", { class: "muted" }, said || t("study.count.none")));
}

/** How long ago something was. @param {string} moment in ISO 8601 */
export function ago(moment) {
  const seconds = Math.max(0, (Date.now() - new Date(moment).getTime()) / 1000);
  const [unit, size] = /** @type {[Intl.RelativeTimeFormatUnit, number]} */ (
    seconds < 60 ? ["second", 1] : seconds < 3600 ? ["minute", 60] : seconds < 86400 ? ["hour", 3600] : ["day", 86400]);
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-Math.round(seconds / size), unit);
}
