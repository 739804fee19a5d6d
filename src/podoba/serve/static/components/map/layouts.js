// The two layouts: which one is seen, what it is worth, and how the better one is made.

import { get, post } from "../../core/api.js";
import { element, fill } from "../../core/dom.js";
import { explained } from "../../core/problems.js";
import { hasText, number, percent, t } from "../../core/text.js";

const ASKED = 1000; // milliseconds between two questions about a job
const OPEN = new Set(["waiting", "running", "paused"]);

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
    else if (!state.extra) fill(this.making, element("p", { class: "map-note" }, t("map.extra_missing")));
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
    const job = jobs.find((/** @type {any} */ one) => one.kind === "map" && one.collection === this.collection && OPEN.has(one.state));
    if (job) this.follow(job);
  }

  /** @param {any} job */
  follow(job) {
    clearTimeout(this.following);
    this.following = 0;
    if (job.state === "done") {
      fill(this.making);
      return this.handlers.made();
    }
    if (!OPEN.has(job.state)) return this.fail(job.state === "failed" ? sentenceOf(job) : "");
    this.progress(job);
    this.following = window.setTimeout(() => get(`/jobs/${job.id}`).then((next) => this.follow(next), (error) => this.fail(explained(error))), ASKED);
    return undefined;
  }

  /** @param {any} job */
  progress(job) {
    const bar = element("progress", { "aria-label": t("map.making"), ...(job.total ? { value: String(job.done), max: String(job.total) } : {}) });
    const stage = t(hasText(`map.stage.${job.stage}`) ? `map.stage.${job.stage}` : "map.stage.waiting");
    const left = job.seconds_left ? `, ${t("map.seconds_left", { n: Math.ceil(job.seconds_left) })}` : "";
    const stop = async () => { await post(`/jobs/${job.id}/stop`).catch(() => undefined); };
    const focused = this.making.contains(document.activeElement);
    const button = element("button", { type: "button", class: "quiet", on: { click: stop } }, t("map.stop"));
    fill(this.making, element("p", { class: "map-note" }, stage + left), element("div", { class: "map-progress" }, bar, button));
    if (focused) button.focus();
  }

  /** @param {string} sentence empty: it was stopped */
  fail(sentence) {
    this.following = 0;
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

/** Why a job failed. @param {any} job */
function sentenceOf(job) {
  const key = `jobs.failure.${job.code}`;
  return hasText(key) ? t(key) : job.message ?? t("map.failed");
}
