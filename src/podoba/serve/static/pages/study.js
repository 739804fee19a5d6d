// A study: how far it has come, its scores and losses so far, and its report.

import { choice, refill, textKey } from "../components/chart_words.js";
import { lossChart } from "../components/study_losses.js";
import { isJudged, scoreChart, scoreTable } from "../components/study_scores.js";
import { ago, progressBar, stateBadge } from "../components/study_state.js";
import { trainingsTable } from "../components/study_trainings.js";
import { swatch } from "../charts/scales.js";
import { address, get, Problem } from "../core/api.js";
import { byId, element, fill, foreign } from "../core/dom.js";
import { header } from "../core/header.js";
import { facts, language } from "../core/page.js";
import { explained } from "../core/problems.js";
import { read, write } from "../core/state.js";
import { hasText, t } from "../core/text.js";

/**
 * @typedef {import("../components/study_state.js").Outline & {
 *   scores: string[], rows: import("../components/study_scores.js").Variant[], curves: import("../components/study_losses.js").Curve[]}} Study
 */

const EVERY = 2000; // milliseconds between two looks while it is running
const AGAIN = 5000; // and until the next one where no server answered

const path = `/studies/${encodeURIComponent(String(facts.name))}`;
const main = byId("main");
const head = element("div", { class: "study-head" });
const scores = part("scores"), losses = part("losses"), trainings = part("trainings"), report = part("report");
const hidden = /** @type {Set<number>} */ (new Set());
const meaning = element("p", { class: "muted" }), chart = element("div"), table = element("div");
let shown = "";

fill(scores.body, meaning, chart, table);
header();
fill(main, element("div", { class: "library" }, element("p", {}, element("a", { href: "/studies" }, t("study.all"))), head));

/** A section of the page and what it holds. @param {string} name */
function part(name) {
  const tools = element("div", { class: "tools" }), body = element("div");
  return { node: element("section", { id: name, "aria-labelledby": `${name}-title` }, element("h2", { id: `${name}-title` }, t(`study.${name}`)), tools, body), tools, body };
}

async function draw() {
  /** @type {Study} */
  const study = await get(path);
  const now = JSON.stringify(study);
  if (now !== shown) {
    const first = !shown;
    shown = now;
    if (first) main.firstElementChild?.append(...[scores, losses, trainings, report].map((one) => one.node));
    drawHead(study);
    drawScores(study);
    drawLosses(study);
    refill(trainings.body, trainingsTable(study.rows));
    drawReport(study);
  }
  if (study.state === "running") setTimeout(() => (document.hidden ? waitUntilSeen() : draw().catch(failed)), EVERY);
}

function waitUntilSeen() {
  document.addEventListener("visibilitychange", () => draw().catch(failed), { once: true });
}

/** @param {Study} study */
function drawHead(study) {
  document.title = `${study.title} – podoba`;
  fill(head, element("h1", {}, foreign(study.title), " ", stateBadge(study)),
    ...(study.description ? [element("p", { class: "lead" }, foreign(study.description))] : []),
    progressBar(study),
    element("p", { class: "muted" }, t("study.variants", { n: study.variants }), " · ", t("study.changed", { time: ago(study.changed) })),
    ...(study.state === "unfinished" ? [element("p", { class: "muted" }, t("study.quiet"))] : []));
}

/** @param {Study} study */
function drawScores(study) {
  const judged = study.scores.filter(isJudged);
  const asked = read().get("score") ?? "";
  const score = judged.includes(asked) ? asked : judged[0];
  if (!score) { fill(chart, element("p", { class: "muted" }, t("study.no_scores"))); return; }
  const key = `study.score.${textKey(score)}.meaning`;
  meaning.textContent = hasText(key) ? t(key) : "";
  fill(chart, scoreChart(study.rows, score));
  refill(table, scoreTable(study.rows, study.scores));
  if (scores.tools.contains(document.activeElement)) return; // the list stays while somebody chooses from it
  fill(scores.tools, choice(t("study.score"), judged.map((one) => [one, t(`study.score.${textKey(one)}`)]), score, (value) => {
    write({ score: value });
    drawScores(study);
  }));
}

/** @param {Study} study */
function drawLosses(study) {
  const names = study.rows.map((row) => row.name);
  const present = [...new Set(study.curves.map((curve) => curve.variant))];
  const drawing = element("div");
  const show = () => fill(drawing, lossChart(study.curves, names, hidden, Math.max(320, Math.min(1148, losses.body.clientWidth))));
  const legend = element("div", { class: "legend", role: "group", "aria-label": t("study.variants_shown") }, ...present.map((place) => {
    const button = element("button", { type: "button", "aria-pressed": String(!hidden.has(place)), dataset: { column: `variant-${place}` }, on: { click: () => {
      hidden.has(place) ? hidden.delete(place) : hidden.add(place);
      button.setAttribute("aria-pressed", String(!hidden.has(place)));
      show();
    } } }, swatch(place), foreign(names[place] ?? ""));
    return button;
  }));
  refill(losses.body, element("p", { class: "muted" }, t("study.losses_note")), legend, drawing);
  show();
}

/** @param {Study} study */
function drawReport(study) {
  if (!study.report) {
    fill(report.body, element("p", {}, t("study.no_report")), element("pre", { tabindex: 0 }, "podoba report FOLDER"));
    return;
  }
  if (report.body.querySelector("iframe")?.dataset.changed === study.changed) return;
  const theme = document.documentElement.dataset.theme === "auto" ? "" : `&theme=${document.documentElement.dataset.theme}`;
  const src = address(`${path}/report?language=${language}${theme}`);
  fill(report.body, element("p", {}, element("a", { href: src, target: "_blank", rel: "noopener" }, t("study.report_alone"))),
    element("iframe", { src, title: t("study.report_title", { title: study.title }), loading: "lazy", sandbox: "allow-scripts allow-downloads", dataset: { changed: study.changed } }));
}

/** @param {unknown} error */
function failed(error) {
  shown = "";
  fill(head, element("h1", {}, foreign(String(facts.name))), element("p", { role: "alert" }, explained(error)));
  if (error instanceof Problem && error.code === "unreachable") setTimeout(() => draw().catch(failed), AGAIN);
}

draw().catch(failed);
