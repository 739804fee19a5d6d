// The review of duplicates: group after group, by hand or by keys; what is safe at once, after an overview.

import { say, toast } from "../core/announce.js";
import { Problem, address, collectionPath, get, post } from "../core/api.js";
import { byId, element, fill } from "../core/dom.js";
import { header } from "../core/header.js";
import { icon } from "../core/icons.js";
import { keys } from "../core/keys.js";
import { legend } from "../core/legend.js";
import { facts } from "../core/page.js";
import { explained } from "../core/problems.js";
import { changed, read, write } from "../core/state.js";
import { bytes, date, t } from "../core/text.js";
import { dialog } from "../components/dialog.js";
import { menu, menuItem, menuLink } from "../components/menu.js";
import { offerSearch } from "../components/review/find.js";
import { GroupView, kindText } from "../components/review/group.js";
import { showHistory } from "../components/review/history.js";
import { REVIEW_KEYS, placeOf } from "../components/review/keys.js";
import { showMoving } from "../components/review/moving.js";
import { SAFE, showOverview } from "../components/review/overview.js";
import { Queue } from "../components/review/queue.js";
import { showPair } from "../components/viewer/pair.js";

/** @typedef {import("../components/review/queue.js").Group} Group */

header();
const name = String(facts.name);
const path = `${collectionPath(name)}/duplicates`;

const view = new GroupView(name, ready);
const title = element("h2", { id: "group-title" });
const place = element("span", { class: "muted numbers" });
const decideButton = button("check", "duplicates.decide", decide, "primary");
const group = element("section", { class: "review-group", tabindex: "0", "aria-labelledby": "group-title" },
  element("header", {}, title, element("div", { class: "toolbar" }, place,
    iconButton("left", "duplicates.key.previous", () => move(-1)), iconButton("right", "duplicates.key.next", () => move(1)))),
  view.node,
  element("footer", { class: "toolbar" }, decideButton,
    button("duplicates", "duplicates.all", () => { view.all(); decide(); }), button("jobs", "duplicates.later", later),
    button("compare", "duplicates.compare", compare), element("span", { class: "end" }), button("undo", "duplicates.undo", () => undo()),
    iconButton("help", "duplicates.keys", () => dialog(t("duplicates.keys"), legend(t("duplicates.keys.where"), REVIEW_KEYS)))));
const actions = element("div", { class: "toolbar" });
const progress = element("div", { class: "review-progress" });
const filters = element("div", { class: "toolbar review-filters", role: "group", "aria-label": t("duplicates.kinds") });
const body = element("div", { class: "review-body" });
const history = element("div", {});
const notes = element("div", { class: "review-notes" });

/** @type {any} */
let state = null;
let queue = new Queue(load);
let last = Promise.resolve();
let waiting = 0; // things that are being done

keys(group, REVIEW_KEYS, {
  "duplicates.key.only": (event) => view.only(placeOf(event)),
  "duplicates.key.also": (event) => view.also(placeOf(event)),
  "duplicates.key.decide": decide,
  "duplicates.key.suggestion": () => view.suggested(),
  "duplicates.key.all": () => { view.all(); decide(); },
  "duplicates.key.later": later,
  "duplicates.key.next": () => move(1),
  "duplicates.key.previous": () => move(-1),
  "duplicates.key.compare": compare,
  "duplicates.key.undo": () => undo(),
});
changed(() => open());
addEventListener("visibilitychange", () => { if (!document.hidden && state) refresh(); });

/** What the address asks for. */
function wanted() {
  const parameters = read();
  return { kinds: parameters.getAll("kind"), across: parameters.has("across"), decided: parameters.has("decided"), at: parameters.get("at") };
}

/** @param {string} after */
function load(after) {
  const { kinds, across, decided } = wanted();
  const query = new URLSearchParams([["state", decided ? "decided" : "open"], ["across", String(across)], ["after", after], ...kinds.map((kind) => ["kind", kind])]);
  return get(`${path}/groups?${query}`);
}

/** Show the review as the address asks for it, once what is being done is done. @param {string | null} [first] key of the group to begin with */
function open(first = wanted().at) {
  return attempt(() => reload(first));
}

/** @param {string | null} first */
async function reload(first) {
  try {
    state = await get(path);
    queue = new Queue(load);
    const begin = first === null ? null : await get(`${path}/groups/${encodeURIComponent(first)}`).catch(() => null);
    await queue.begin(begin);
    draw();
  } catch (error) {
    fill(byId("main"), element("h1", {}, t("duplicates.title")), element("p", { role: "alert" }, explained(error)));
  }
}

/** Count again, as another window may have decided something. */
async function refresh() {
  state = await get(path).catch(() => state);
  drawCounts();
}

function draw() {
  fill(byId("main"), element("div", { class: "review-head" }, element("h1", {}, t("duplicates.title")), actions), progress, filters, notes, body, history);
  drawCounts();
  drawGroup();
}

function drawCounts() {
  const { across } = wanted();
  const rows = shownKinds();
  const count = (/** @type {"groups" | "decided"} */ what) => rows.reduce((sum, row) => sum + row[what] - (across ? row[what === "groups" ? "inside" : "inside_decided"] : 0), 0);
  const [decided, all] = [count("decided"), count("groups")];
  fill(progress, ...(state.found && all ? [
    element("progress", { max: String(all), value: String(decided), "aria-label": t("duplicates.title") }),
    element("p", { class: "numbers", id: "review-count" }, t("duplicates.progress", { n: all, decided })),
    state.going.pictures ? element("p", { class: "muted numbers" }, going()) : "",
  ] : []));
  drawActions();
  fill(filters, ...(state.groups ? filterButtons() : []));
  fill(notes, ...(state.found && !state.found.fresh ? [element("p", { class: "note" }, t("duplicates.stale", { date: date(`${state.found.made}Z`) }),
    element("button", { type: "button", on: { click: () => searchAgain() } }, t("duplicates.find_again")))] : []));
  showHistory(history, state.history, undo);
}

/** @returns {{kind: string, groups: number, decided: number, inside: number, inside_decided: number}[]} */
function shownKinds() {
  const { kinds } = wanted();
  return state.kinds.filter((/** @type {{kind: string}} */ row) => !kinds.length || kinds.includes(row.kind));
}

function filterButtons() {
  const { kinds, across, decided } = wanted();
  const change = (/** @type {Record<string, string | string[] | null>} */ changes) => { write({ ...changes, at: null }, { push: true }); open(); };
  const toggled = (/** @type {string} */ kind) => (kinds.includes(kind) ? kinds.filter((one) => one !== kind) : [...kinds, kind]);
  return [
    ...state.kinds.map((/** @type {{kind: string, groups: number, decided: number}} */ row) => element("button",
      { type: "button", "aria-pressed": String(kinds.includes(row.kind)), on: { click: () => change({ kind: toggled(row.kind) }) } },
      kindText(row.kind), element("span", { class: "badge numbers" }, String(row.groups - row.decided)),
      element("span", { class: "hidden-text" }, t("duplicates.still_open", { n: row.groups - row.decided })))),
    element("label", {}, element("input", { type: "checkbox", checked: across, on: { change: () => change({ across: across ? null : "1" }) } }), t("duplicates.across")),
    element("label", {}, element("input", { type: "checkbox", checked: decided, on: { change: () => change({ decided: decided ? null : "1" }) } }), t("duplicates.decided_ones")),
  ];
}

/** What is done with many groups at once. */
function drawActions() {
  const { across } = wanted();
  const available = SAFE.filter((kind) => state.kinds.some((/** @type {any} */ row) => row.kind === kind && row.groups - row.decided - (across ? row.inside - row.inside_decided : 0) > 0));
  const more = button("download", "duplicates.list", () => {});
  menu(more, t("duplicates.list"), () => [
    ...["csv", "json"].map((format) => menuLink(address(`${path}/export?format=${format}`), { download: "" }, t("duplicates.list.decided", { format: format.toUpperCase() }))),
    ...["csv", "json"].map((format) => menuLink(address(`${path}/export?format=${format}&what=all`), { download: "" }, t("duplicates.list.all", { format: format.toUpperCase() }))),
    menuItem(searchAgain, t("duplicates.find_again")),
  ]);
  fill(actions,
    ...(available.length ? [button("check", "duplicates.overview.open", () => showOverview(name, across, available, (now) => { open(null); done(now.batch, t("duplicates.decided_many")); }))] : []),
    ...(state.found ? [more] : []),
    ...(state.allow_changes && state.found ? [button("folder", "duplicates.move", () => showMoving(name, () => open(null)))] : []));
}

function drawGroup() {
  const { current } = queue;
  const hadFocus = group.contains(document.activeElement) || document.activeElement === document.body;
  write({ at: current ? current.group : null });
  const running = state.jobs.find((/** @type {{kind: string}} */ job) => job.kind === "duplicates");
  if (!state.found || running) return searchNow(running);
  if (!current) return finished();
  fill(title, kindText(current.kind), element("span", { class: "muted" }, t("duplicates.pictures", { n: current.items.length })));
  if (current.state === "returned") title.append(element("span", { class: "badge warn" }, t("duplicates.returned")));
  if (current.state === "decided") title.append(element("span", { class: "badge good" }, t("duplicates.is_decided")));
  place.textContent = t("duplicates.place", { place: queue.place + 1, total: queue.total });
  view.show(current);
  ready();
  if (!group.isConnected) fill(body, group);
  if (hadFocus) group.focus({ preventScroll: true });
}

/** How the button says what it will do. */
function ready() {
  const count = view.group?.items.length ?? 0;
  const going = count - view.keep.size;
  decideButton.disabled = going === count;
  const text = going === count ? t("duplicates.keep_one") : going ? t("duplicates.decide", { n: going }) : t("duplicates.decide_none");
  decideButton.lastChild?.replaceWith(element("span", {}, text));
  say(text);
}

function finished() {
  const { decided } = wanted();
  const all = state.groups && state.decided === state.groups;
  fill(body, element("div", { class: "notice" }, icon("check"),
    element("h2", {}, t(!state.groups ? "duplicates.none" : all ? "duplicates.finished" : decided ? "duplicates.none_decided" : "duplicates.none_here")),
    element("p", {}, state.groups ? going() : t("duplicates.none.text")),
    state.going.pictures && element("p", {}, t(state.allow_changes ? "duplicates.then.move" : "duplicates.then.list"))));
}

function going() {
  return t("duplicates.going", { n: state.going.pictures, bytes: bytes(state.going.bytes) });
}

/** @param {any} [running] */
function searchNow(running) {
  const form = element("div", {});
  fill(body, element("div", { class: "notice" }, icon("duplicates"), element("h2", {}, t("duplicates.begin")), element("p", {}, t("duplicates.begin.text")), form));
  offerSearch(form, name, running, () => open(null));
}

function searchAgain() {
  const form = element("div", { class: "notice inside" });
  const shown = dialog(t("duplicates.find_again"), element("p", {}, t("duplicates.find_again.text")), form);
  offerSearch(form, name, undefined, () => { shown.close(); open(null); });
}

async function decide() {
  const { current } = queue;
  if (!current || !view.keep.size || waiting) return; // a key that is pressed twice decides no group that was not seen
  const decision = { group: current.group, keep: [...view.keep], seen: current.decision };
  await attempt(async () => {
    state = await post(`${path}/decisions`, { decisions: [decision] }).then((now) => ({ ...state, ...now }));
    await queue.remove();
    drawCounts();
    drawGroup();
    announce();
  });
}

async function later() {
  await attempt(async () => {
    await queue.putOff();
    drawGroup();
    announce();
  });
}

/** @param {number} steps */
async function move(steps) {
  await attempt(async () => {
    await queue.move(steps);
    drawGroup();
    announce();
  });
}

/** @param {number} [batch] the last one where it is not told */
async function undo(batch) {
  await attempt(async () => {
    const undone = await post(`${path}/undo`, { batch: batch ?? null });
    await reload(undone.group);
    toast(t("duplicates.undone", { n: undone.undone }));
  });
}

function compare() {
  const pair = view.pair();
  if (pair) showPair(name, pair[0], pair[1], view.group?.items ?? []).closed.then(() => group.focus());
}

/** Do one thing after the other; what goes wrong is said, and the group shown as it is now. @param {() => Promise<void>} run */
function attempt(run) {
  waiting++;
  last = last.then(run).catch(explain).finally(() => { waiting--; });
  return last;
}

/** @param {unknown} error */
async function explain(error) {
  toast(explained(error), { urgent: true });
  if (!(error instanceof Problem) || error.status !== 409) return;
  const key = queue.current?.group ?? "";
  const now = /** @type {Group | null} */ (await get(`${path}/groups/${encodeURIComponent(key)}`).catch(() => null));
  if (now && now.state !== "decided") queue.replace(now);
  else await queue.remove();
  await refresh();
  drawGroup();
}

function announce() {
  const { current } = queue;
  if (current) say(t("duplicates.now", { kind: kindText(current.kind), n: current.items.length, place: queue.place + 1, total: queue.total }));
}

/** @param {number} batch @param {string} text */
function done(batch, text) {
  toast(text, { action: t("duplicates.undo"), run: () => undo(batch) });
}

/** @param {import("../core/icons.js").IconName} shape @param {string} text @param {() => void} run @param {string} [kind] */
function button(shape, text, run, kind = "") {
  return element("button", { type: "button", class: kind, on: { click: run } }, icon(shape), element("span", {}, t(text, { n: 0, format: "" })));
}

/** @param {import("../core/icons.js").IconName} shape @param {string} text @param {() => void} run */
function iconButton(shape, text, run) {
  return element("button", { type: "button", class: "quiet icon-only", "aria-label": t(text), title: t(text), on: { click: run } }, icon(shape));
}

open();
