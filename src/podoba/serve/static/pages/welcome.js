// The first steps: from a folder of pictures to the first search, without a command line.

import { copyLine } from "../components/copy_line.js";
import { growing, suggestions } from "../components/first_search.js";
import { folderPicker } from "../components/folder_picker.js";
import { followJobs, isBusy } from "../components/job_events.js";
import { jobOutcome, reasonOf } from "../components/job_outcome.js";
import { modelChoice } from "../components/model_choice.js";
import { progressBar } from "../components/progress.js";
import { skippedFiles } from "../components/skipped_files.js";
import { say, toast } from "../core/announce.js";
import { collectionPath, get, post } from "../core/api.js";
import { byId, element, fill, foreign } from "../core/dom.js";
import { header } from "../core/header.js";
import { icon } from "../core/icons.js";
import { explained } from "../core/problems.js";
import { read, write } from "../core/state.js";
import { rich, t } from "../core/text.js";

/** @typedef {import("../components/job_events.js").Job} Job */
/** @typedef {import("../components/folder_picker.js").Folder} Folder */
/** @typedef {{name: string, state: "ready" | "empty" | "missing" | "away", capabilities: string[]}} Collection */

header();
const main = byId("main");
const STEPS = /** @type {const} */ (["choose", "wait", "search"]);

/** Put a step on the page. @param {typeof STEPS[number]} step @param {...(Node | null)} content */
function draw(step, ...content) {
  const row = STEPS.indexOf(step);
  const way = element("ol", { class: "steps", "aria-label": t("welcome.steps") }, ...STEPS.map((one, number) =>
    element("li", { "aria-current": one === step ? "step" : null, class: number < row ? "passed" : "" },
      element("span", { class: "step-number", "aria-hidden": "true" }, number < row ? icon("check") : String(number + 1)), t(`welcome.step.${one}`))));
  fill(main, element("div", { class: "welcome" }, way, ...content.filter((node) => node !== null)));
}

/** @param {string} text @param {...Node} more */
function heading(text, ...more) {
  return element("div", { class: "welcome-head" }, element("h1", {}, text), ...more);
}

async function begin() {
  const [all, { folders }, { jobs }] = await Promise.all([get("/collections"), get("/folders"), get("/jobs")]);
  const collections = all.collections.filter((/** @type {Collection} */ one) => one.capabilities.includes("index"));
  const wanted = read().get("collection");
  const collection = /** @type {Collection | undefined} */ (collections.find((/** @type {Collection} */ one) => one.name === wanted)
    ?? collections.find((/** @type {Collection} */ one) => one.state !== "ready") ?? collections[0]);
  const goes = collection && jobs.find((/** @type {Job} */ job) => job.kind === "index" && job.collection === collection.name && (isBusy(job) || job.state === "paused"));
  if (collection) write({ collection: collection.name });
  if (collection && goes) wait(collection.name, goes.id);
  else if (collection && folders.length) await choose(collection, folders);
  else await explainStart(collection);
}

/** No folder may be looked into: say how that is allowed. @param {Collection | undefined} collection */
async function explainStart(collection) {
  const place = collection ? (await get(collectionPath(collection.name))).path ?? `${collection.name}.podoba` : "photos.podoba";
  draw("choose",
    heading(t("welcome.title"), element("p", { class: "lead" }, t("welcome.lead"))),
    element("section", { class: "card" }, element("h2", {}, t("welcome.allow")), element("p", {}, t("welcome.allow_why")),
      element("p", {}, t("welcome.allow_how")), copyLine(`podoba serve ${asWord(place)} --allow-index ~/Pictures`), element("p", { class: "muted small" }, t("welcome.allow_then"))));
}

/** A path as a shell takes it for one word. @param {string} path */
function asWord(path) {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** @param {Collection} collection @param {Folder[]} folders */
async function choose(collection, folders) {
  const isNew = collection.state !== "ready";
  const model = isNew ? await modelChoice() : null;
  /** @type {Folder | null} */
  let chosen = null;
  const name = element("p", { class: "chosen", role: "status" });
  const start = element("button", { type: "button", class: "primary large", disabled: true }, icon("play"), t("welcome.start"));
  const picker = folderPicker(folders, (folder) => {
    chosen = folder;
    fill(name, ...(folder ? rich("welcome.chosen", { folder: foreign(folder.name) }) : [t("welcome.choose_first")]));
    start.disabled = !folder;
  });
  start.addEventListener("click", async () => {
    if (!chosen) return;
    start.disabled = true;
    const folder = { root: chosen.root, path: chosen.path };
    try {
      const job = await post("/jobs", { kind: "index", collection: collection.name, folder, model: model?.value() ?? null });
      wait(collection.name, job.id);
    } catch (error) {
      start.disabled = false;
      toast(explained(error), { urgent: true });
    }
  });
  draw("choose",
    isNew ? heading(t("welcome.title"), element("p", { class: "lead" }, t("welcome.lead")))
      : heading(t("welcome.more_title"), element("p", { class: "lead" }, ...rich("welcome.more_lead", { collection: foreign(collection.name) }))),
    element("section", { class: "card" }, element("h2", {}, t("welcome.choose")), element("p", { class: "muted" }, t("welcome.choose_how")), picker),
    model && element("details", { class: "card choice" }, element("summary", {}, t("welcome.how")), model.node),
    element("div", { class: "start" }, start, name, element("p", { class: "muted small" }, t("welcome.promise"))));
}

/** Follow the job to its end. @param {string} collection @param {string} id */
function wait(collection, id) {
  const bar = progressBar();
  const pictures = growing(collection);
  const skipped = skippedFiles();
  const lost = element("p", { class: "error", role: "status", hidden: true }, t("jobs.lost"));
  const pause = element("button", { type: "button" }, icon("pause"), t("jobs.pause"));
  const resume = element("button", { type: "button", class: "primary" }, icon("play"), t("jobs.resume"));
  const act = async (/** @type {"pause" | "resume"} */ what) => {
    try {
      await post(`/jobs/${id}/${what}`);
    } catch (error) {
      toast(explained(error), { urgent: true });
    }
  };
  pause.addEventListener("click", () => act("pause").then(() => resume.focus()));
  resume.addEventListener("click", () => act("resume").then(() => pause.focus()));
  let isOver = false;
  draw("wait", heading(t("welcome.waiting"), element("p", { class: "lead" }, t("welcome.waiting_lead"))),
    element("section", { class: "card waiting" }, bar.node, lost, element("div", { class: "toolbar" }, pause, resume,
      element("a", { class: "button quiet", href: `/c/${encodeURIComponent(collection)}/search` }, icon("search"), t("welcome.search_now"))), skipped.node),
    pictures.node);
  say(t("welcome.waiting"));
  followJobs((jobs) => {
    const job = jobs.find((one) => one.id === id);
    if (!job || isOver) return;
    bar.show(job);
    if (job.done) pictures.start();
    skipped.show(id, job.skipped);
    pause.hidden = !isBusy(job);
    resume.hidden = isBusy(job) || job.state === "done";
    if (job.state === "done") {
      isOver = true;
      pictures.stop();
      finish(collection, job).catch(fail);
    } else if (job.state === "failed" || job.state === "stopped") {
      bar.node.querySelector(".stage")?.replaceChildren(job.state === "failed" ? reasonOf(job) : t("jobs.kept"));
    }
  }, (isLost) => { lost.hidden = !isLost; });
}

/** @param {string} collection @param {Job} job */
async function finish(collection, job) {
  const { items } = await get(collectionPath(collection));
  const skipped = skippedFiles();
  skipped.show(job.id, job.skipped);
  if (!items) {
    draw("choose", heading(t("welcome.found_none"), element("p", { class: "lead" }, t("welcome.found_none_how"))),
      element("p", {}, element("a", { class: "button primary", href: `/welcome?collection=${encodeURIComponent(collection)}` }, t("welcome.choose_again"))), skipped.node);
  } else {
    const tried = await suggestions(collection);
    draw("search", heading(t("welcome.ready", { n: items }), element("p", { class: "lead" }, t("welcome.try"))), tried,
      element("div", { class: "start" }, element("a", { class: "button primary large", href: `/c/${encodeURIComponent(collection)}/search` }, icon("search"), t("welcome.open_search")),
        element("a", { class: "button", href: `/c/${encodeURIComponent(collection)}/browse` }, icon("browse"), t("welcome.open_browse"))),
      skipped.node, element("div", { class: "notes" }, ...jobOutcome(job).slice(1, -1)));
  }
  const title = main.querySelector("h1");
  title?.setAttribute("tabindex", "-1");
  title?.focus();
}

/** @param {unknown} error */
function fail(error) {
  fill(main, element("p", { role: "alert" }, explained(error)));
}

begin().catch(fail);
