// One group: its pictures side by side, which of them stay, and why that is suggested.

import { thumbnail } from "../../core/api.js";
import { element, fill, foreign } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { bytes, date, t } from "../../core/text.js";
import { reasons } from "./reasons.js";

/** @typedef {import("./queue.js").Group} Group @typedef {import("./queue.js").Member} Member */

/** Texts of the kinds by their names. @type {Record<string, string>} */
export const KIND_TEXTS = {
  "identical": "duplicates.kind.identical",
  "same picture": "duplicates.kind.same",
  "flipped or rotated": "duplicates.kind.turned",
  "cropped or edited": "duplicates.kind.changed",
  "near": "duplicates.kind.near",
};

/** A kind in words. @param {string} kind */
export function kindText(kind) {
  return t(KIND_TEXTS[kind] ?? "duplicates.kind.near");
}

/** Draws a group, and knows what the reader wants to keep of it. */
export class GroupView {
  /** @type {Set<string>} */ keep = new Set();
  /** @type {Group | null} */ group = null;
  /** @type {Map<string, HTMLElement>} */ #cells = new Map();

  /**
   * @param {string} collection
   * @param {() => void} changed called when the reader wants something else
   */
  constructor(collection, changed) {
    this.collection = collection;
    this.changed = changed;
    this.node = element("ol", { class: "members" });
  }

  /** @param {Group} group */
  show(group) {
    this.group = group;
    this.keep = new Set(group.items.filter((item) => item.stays).map((item) => item.id));
    this.node.dataset.count = String(Math.min(group.items.length, 4));
    this.#cells = new Map(group.items.map((item, place) => [item.id, this.#cell(item, place, group)]));
    fill(this.node, ...this.#cells.values());
    this.#mark();
  }

  /** Keep one picture alone. @param {number} place */
  only(place) {
    const item = this.group?.items[place];
    if (item) this.#keep(new Set([item.id]));
  }

  /** Keep a picture as well, or no more. @param {number} place */
  also(place) {
    const item = this.group?.items[place];
    if (!item) return;
    const keep = new Set(this.keep);
    if (!keep.delete(item.id)) keep.add(item.id);
    this.#keep(keep);
  }

  /** Keep what is suggested. */
  suggested() {
    this.#keep(new Set(this.group?.items.filter((item) => item.suggested).map((item) => item.id)));
  }

  /** Keep all. */
  all() {
    this.#keep(new Set(this.group?.items.map((item) => item.id)));
  }

  /** The picture that stays, and the first that goes, or else the first two. @returns {[Member, Member] | null} */
  pair() {
    const items = this.group?.items ?? [];
    const stays = items.find((item) => this.keep.has(item.id)) ?? items[0];
    const goes = items.find((item) => item !== stays && !this.keep.has(item.id)) ?? items.find((item) => item !== stays);
    return stays && goes ? [stays, goes] : null;
  }

  /** @param {Set<string>} keep */
  #keep(keep) {
    this.keep = keep;
    this.#mark();
    this.changed();
  }

  #mark() {
    for (const [id, cell] of this.#cells) {
      const stays = this.keep.has(id);
      cell.classList.toggle("goes", !stays);
      /** @type {HTMLInputElement} */ (cell.querySelector("input")).checked = stays;
      const said = /** @type {HTMLElement} */ (cell.querySelector(".verdict"));
      fill(said, icon(stays ? "check" : "close"), t(stays ? "duplicates.stays" : "duplicates.goes"));
    }
  }

  /** @param {Member} item @param {number} place @param {Group} group */
  #cell(item, place, group) {
    const name = element("span", { class: "name", id: `member-${place}` }, foreign(item.name));
    const box = element("input", { type: "checkbox", "aria-describedby": name.id, on: { change: () => this.also(place) } });
    return element("li", { class: "member" },
      element("button", { type: "button", class: "picture", "aria-describedby": name.id, on: { click: () => this.only(place) } },
        picture(this.collection, item),
        place < 9 && element("kbd", { "aria-hidden": "true" }, String(place + 1)),
        element("span", { class: "hidden-text" }, t("duplicates.only_this")),
        element("span", { class: "verdict", "aria-hidden": "true" })),
      element("div", { class: "about" }, name,
        element("p", { class: "facts numbers" }, ...about(item, group).map((text) => foreign(text))),
        ...reasons(item.facts).map((line) => element("p", { class: item.suggested ? "reason best" : "reason" }, ...line)),
        group.state === "returned" && element("p", {}, badge(item)),
        element("label", {}, box, t("duplicates.keep"))));
  }
}

/** The picture of a member; where its file is gone, a sign that says so. @param {string} collection @param {Member} item */
export function picture(collection, item) {
  const image = element("img", { src: thumbnail(collection, item.id, 384), alt: "", decoding: "async", loading: "lazy", width: item.width || 384, height: item.height || 384 });
  image.addEventListener("error", () => image.replaceWith(element("span", { class: "gone" }, icon("image"), t("duplicates.gone"))), { once: true });
  return image;
}

/** Size, format and the like, as far as they are known. @param {Member} item @param {Group} group @returns {string[]} */
function about(item, group) {
  const facts = [t("duplicates.pixels", { width: item.width, height: item.height }), bytes(item.size), item.format];
  const taken = item.attributes.taken ?? item.attributes.modified;
  if (typeof taken === "string" && !Number.isNaN(Date.parse(taken))) facts.push(date(taken));
  if (group.folders > 1) facts.push(folder(item, group));
  return facts.filter(Boolean);
}

/** The folder of a member, without what the folders of all members begin with. @param {Member} item @param {Group} group */
function folder(item, group) {
  if (item.uri === null) return t("duplicates.folder", { n: item.folder });
  const [own, ...all] = [item, ...group.items].map((one) => (one.uri ?? "").split("/").slice(0, -1));
  let shared = 0;
  while (own && shared < own.length && all.every((path) => path[shared] === own[shared])) shared++;
  return ["…", ...(own ?? []).slice(shared)].join("/");
}

/** @param {Member} item */
function badge(item) {
  if (item.decided === null) return element("span", { class: "badge warn" }, t("duplicates.new"));
  return element("span", { class: "badge" }, t(item.decided ? "duplicates.kept_before" : "duplicates.removed_before"));
}
