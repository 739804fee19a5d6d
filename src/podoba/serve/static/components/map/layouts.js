// The two layouts: which one is seen, what it is worth, and how the better one is made.

import { toast } from "../../core/announce.js";
import { get, post } from "../../core/api.js";
import { element, fill } from "../../core/dom.js";
import { explained } from "../../core/problems.js";
import { hasText, number, percent, t } from "../../core/text.js";
import { hasEnded } from "../job_events.js";
import { progressBar } from "../progress.js";

const INSTALL = "pip install 'podoba[map]'";
const ASKED = 1000; // milliseconds between two questions about a job

/** @typedef {Awaited<ReturnType<typeof import("./points.js").loadState>>} State */

export class Layouts {
  /** @param {HTMLElement} node @param {string} collection @param {{choose: (layout: string) => void, made: () => void}} handlers */
  constructor(node, collection, handlers) {
    this.node = node;
    this.collection = collection;
    this.handlers = handlers;
    this.switch = element("div", { class: "map-switch", role: "group", "aria-label": t("map.layout") });
    this.note = element("p", { class: "muted map-note" });
    this.making = element("div", { class: "map-making" });
    fill(node, this.switch, this.note, this.making);
    this.following = 0;
    this.shownJob = "";
    this.bar = progressBar();
  }

  /** @param {State} state */
  show(state) {
    fill(this.switch, ...["pca", "umap"].map((layout) => element("button", {
      type: "button", "aria-pressed": String(state.layout === layout), disabled: layout === "umap" && !state.umap,
      on: { click: () => state.layout !== layout && this.handlers.choose(layout) },
    }, t(`map.layout.${layout}`))));
    this.note.textContent = noteOf(state);
    if (!this.following) this.offer(state);
  }

  /** Offer to make the map by neighbours, where there is none or not of all pictures. @param {State} state */
  offer(state) {
    const again = state.layout === "umap" && (state.missing > 0 || state.since > 0);
    if (state.umap && !again) fill(this.making);
    else if (!state.extra) fill(this.making, element("p", { class: "map-note" }, t("map.extra_missing", { command: INSTALL })));
    else fill(this.making, element("button", { type: "button", on: { click: () => this.make(again) } }, t(again ? "map.make_again" : "map.make")));
  }

  /** @param {boolean} again */
  async make(again) {
    try {
      this.follow(await post("/jobs", { kind: "map", collection: this.collection, again }));
    } catch (error) {
      this.fail(explained(error));
    }
  }

  /** Show a job that runs already. */
  async resume() {
    const { jobs } = await get("/jobs");
    const job = jobs.find((/** @type {any} */ one) => one.kind === "map" && one.collection === this.collection && !hasEnded(one));
    if (job) this.follow(job);
  }

  /** @param {import("../job_events.js").Job} job */
  follow(job) {
    this.following = 0;
    if (job.state === "done") {
      fill(this.making);
      return this.handlers.made();
    }
    if (hasEnded(job)) return this.fail(job.state === "failed" ? sentenceOf(job) : "");
    if (this.shownJob !== job.id) this.begin(job);
    this.bar.show(job);
    this.following = window.setTimeout(() => get(`/jobs/${job.id}`).then((next) => this.follow(next), (error) => this.fail(explained(error))), ASKED);
    return undefined;
  }

  /** @param {import("../job_events.js").Job} job */
  begin(job) {
    const stop = () => post(`/jobs/${job.id}/stop`).catch((error) => toast(explained(error), { urgent: true }));
    fill(this.making, this.bar.node, element("button", { type: "button", on: { click: stop } }, t("jobs.stop")));
    this.shownJob = job.id;
  }

  /** @param {string} sentence empty: it was stopped */
  fail(sentence) {
    this.following = 0;
    this.shownJob = "";
    fill(this.making,
      ...(sentence ? [element("p", { class: "map-note", role: "alert" }, sentence)] : []),
      element("button", { type: "button", on: { click: () => this.make(false) } }, t("map.make")));
  }
}

/** What a map is worth. @param {State} state */
function noteOf(state) {
  const said = [];
  if (state.layout === "pca") said.push(t("map.note.pca", { share: percent(state.explained ?? 0) }));
  else said.push(state.fitted < state.points ? t("map.note.umap_sample", { fitted: number(state.fitted) }) : t("map.note.umap"));
  if (state.since) said.push(t("map.note.since", { n: state.since }));
  if (state.missing) said.push(t("map.note.missing", { n: state.missing }));
  return said.join(" ");
}

/** Why a job failed. @param {import("../job_events.js").Job} job */
function sentenceOf(job) {
  const key = `jobs.code.${job.code}`;
  return hasText(key) ? t(key) : t("map.failed");
}
