// Long work: what goes on, what has ended, and a way to begin more.

import { jobCard } from "../components/job_card.js";
import { followJobs, hasEnded } from "../components/job_events.js";
import { toast } from "../core/announce.js";
import { get, post } from "../core/api.js";
import { byId, element, fill, foreign } from "../core/dom.js";
import { header } from "../core/header.js";
import { icon } from "../core/icons.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";

/** @typedef {import("../components/job_events.js").Job} Job */

header();
const main = byId("main");
const lost = element("p", { class: "error", role: "status", hidden: true }, t("jobs.lost"));
const going = section(t("jobs.now"));
const ended = section(t("jobs.ended"));
const none = element("div", { class: "notice" }, icon("jobs"), element("p", {}, t("jobs.none")));
const begin = element("div", { class: "toolbar begin" });
/** @type {Map<string, ReturnType<typeof jobCard>>} */
const cards = new Map();

/** @param {string} title */
function section(title) {
  const list = element("ul", { class: "jobs" });
  return { node: element("section", { hidden: true }, element("h2", {}, title), list), list };
}

/** Put the cards where they belong; one that stays where it is is not touched, so that the focus stays in it. @param {Job[]} jobs */
function show(jobs) {
  for (const [id, card] of cards) if (!jobs.some((job) => job.id === id)) { card.node.remove(); cards.delete(id); }
  const places = [{ ...going, jobs: jobs.filter((job) => !hasEnded(job)) }, { ...ended, jobs: jobs.filter(hasEnded) }];
  for (const place of places) {
    place.jobs.forEach((job, row) => {
      const card = cards.get(job.id) ?? jobCard(job);
      cards.set(job.id, card);
      card.show(job);
      if (place.list.children[row] === card.node) return;
      const focused = card.node.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
      place.list.insertBefore(card.node, place.list.children[row] ?? null);
      focused?.focus();
    });
    place.node.hidden = !place.jobs.length;
  }
  none.hidden = jobs.length > 0;
}

async function drawBegin() {
  const [all, session] = await Promise.all([get("/collections"), get("/session")]);
  const collections = all.collections.filter((/** @type {{capabilities: string[]}} */ one) => one.capabilities.includes("index"));
  const known = collections.filter((/** @type {{state: string}} */ one) => one.state === "ready");
  const select = element("select", { id: "collection" }, ...collections.map((/** @type {{name: string}} */ one) =>
    element("option", { value: one.name }, one.name)));
  const look = element("button", { type: "button" }, icon("refresh"), t("jobs.look"));
  const add = element("a", { class: "button" }, icon("folder"), t("jobs.add"));
  const change = () => {
    look.hidden = !known.some((/** @type {{name: string}} */ one) => one.name === select.value);
    add.href = `/welcome?collection=${encodeURIComponent(select.value)}`;
  };
  look.addEventListener("click", async () => {
    try {
      await post("/jobs", { kind: "index", collection: select.value });
    } catch (error) {
      toast(explained(error), { urgent: true });
    }
  });
  select.addEventListener("change", change);
  add.hidden = !session.allow_index;
  change();
  if (collections.length > 1) begin.append(element("label", { for: select.id }, t("jobs.collection")), select);
  else if (collections.length) begin.append(element("strong", {}, foreign(collections[0].name)));
  if (collections.length) begin.append(look, add);
}

fill(main,
  element("h1", {}, t("jobs.title")), element("p", { class: "muted" }, t("jobs.lead")), begin, lost, going.node, ended.node, none);
none.hidden = true;
drawBegin().then(() => followJobs(show, (isLost) => { lost.hidden = !isLost; }))
  .catch((error) => fill(main, element("h1", {}, t("jobs.title")), element("p", { role: "alert" }, explained(error))));
