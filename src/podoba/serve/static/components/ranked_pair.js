// Two answers to one query as ranked lists: the same pictures are joined by lines, and each says how its rank changes.

import { thumbnail } from "../core/api.js";
import { element, foreign, svg } from "../core/dom.js";
import { isolated, number, percent, t } from "../core/text.js";
import { fixed } from "./chart_words.js";

/**
 * @typedef {object} Hit
 * @property {string} id
 * @property {string} name
 * @property {string | null} label
 * @property {number} rank
 * @property {number} similarity
 * @property {number | null} probability
 * @property {string} picture what it is known by in both collections
 * @property {number | null} other its rank in the other answer, looked for deeper than is shown
 * @property {boolean} shared whether the other collection has it
 *
 * @typedef {{collection: string, model: string | null, seconds: number, precision: number | null, hits: Hit[]}} Side
 * @typedef {{kind: string, name: string | null, width: number | null, height: number | null, collection: string | null}} Asked
 * @typedef {{k: number, depth: number, query: Asked[], not: Asked[], label: string | null, a: Side, b: Side, overlap: number | null, agreement: number | null}} Comparison
 */

/**
 * @param {Comparison} found
 * @param {(id: string, collection: string) => void} searchBy
 */
export function rankedPair(found, searchBy) {
  const { a, b, k } = found;
  const rows = Math.max(a.hits.length, b.hits.length, 1);
  const places = new Map(b.hits.map((hit, row) => [hit.picture, row]));
  const joined = a.hits.flatMap((hit, row) => {
    const other = places.get(hit.picture);
    return other === undefined ? [] : [{ picture: hit.picture, from: row, to: other }];
  });
  const lines = svg("svg", { class: "pair-lines", viewBox: `0 0 100 ${rows}`, preserveAspectRatio: "none", "aria-hidden": "true", style: { "--rows": String(rows) } },
    ...joined.map(({ picture, from, to }) => svg("path", {
      d: `M0,${from + 0.5}C55,${from + 0.5} 45,${to + 0.5} 100,${to + 0.5}`, "vector-effect": "non-scaling-stroke", dataset: { picture },
    })));
  const columns = /** @type {const} */ (["a", "b"]).map((which) => column(found, which, searchBy));
  const pair = element("div", { class: "pair" }, /** @type {HTMLElement} */ (columns[0]), lines, /** @type {HTMLElement} */ (columns[1]));
  follow(pair);
  const said = [t("two_models.in_both", { n: joined.length, k: Math.min(k, rows) }),
    found.agreement === null ? "" : t("two_models.agreement", { value: percent(found.agreement) })].filter(Boolean).join(" · ");
  return element("section", { class: "compared" },
    element("p", { class: "compared-said", role: "status", title: t("two_models.agreement_meaning") }, said), pair, element("p", { class: "muted" }, t("two_models.agreement_meaning"), " ", t("two_models.keys")));
}

/**
 * @param {Comparison} found
 * @param {"a" | "b"} which
 * @param {(id: string, collection: string) => void} searchBy
 */
function column(found, which, searchBy) {
  const side = found[which];
  const id = `answer-${which}`;
  const precision = side.precision === null || found.label === null ? ""
    : t("two_models.precision", { share: percent(side.precision), label: isolated(found.label) });
  return element("section", { class: "pair-side", dataset: { side: which }, "aria-labelledby": `${id} ${id}-of` },
    element("div", { class: "pair-head" },
      element("h2", { id }, foreign(side.model ?? side.collection)),
      element("p", { class: "muted" }, element("bdi", { id: `${id}-of` }, side.collection), " · ", t("two_models.seconds", { n: number(1000 * side.seconds, 0) })),
      precision && element("p", {}, precision)),
    side.hits.length ? element("ol", { class: "ranked" }, ...side.hits.map((hit) => card(found, which, hit, searchBy)))
      : element("p", { class: "muted" }, t("two_models.nothing")));
}

/**
 * @param {Comparison} found
 * @param {"a" | "b"} which
 * @param {Hit} hit
 * @param {(id: string, collection: string) => void} searchBy
 */
function card(found, which, hit, searchBy) {
  const side = found[which];
  const { word, meaning, kind } = change(found, which, hit);
  const right = found.label === null || hit.label === null ? null : hit.label === found.label;
  const sure = hit.probability === null ? t("two_models.no_probability", { value: fixed(hit.similarity, 3) }) : percent(hit.probability);
  return element("li", { class: "ranked-hit", dataset: { picture: hit.picture } },
    element("button", { type: "button", class: "ranked-picture", title: t("two_models.search_by"), on: { click: () => searchBy(hit.id, side.collection) } },
      element("img", { src: thumbnail(side.collection, hit.id, 192), alt: hit.name, loading: "lazy" })),
    element("div", { class: "ranked-facts" },
      element("span", { class: "ranked-place" }, element("strong", {}, String(hit.rank)), " ", element("span", { class: `change ${kind}`, title: meaning }, element("span", { "aria-hidden": "true" }, word), element("span", { class: "hidden-text" }, meaning))),
      element("span", { class: "ranked-sure" }, sure),
      hit.label !== null && element("span", { class: "ranked-label" },
        right !== null && element("span", { class: right ? "is-right" : "is-wrong", title: t(right ? "two_models.right_label" : "two_models.wrong_label") },
          element("span", { "aria-hidden": "true" }, right ? "✓" : "✗"), element("span", { class: "hidden-text" }, t(right ? "two_models.right_label" : "two_models.wrong_label"))),
        " ", foreign(hit.label))));
}

/**
 * How the rank of a picture changes from the first answer to the second.
 * @param {Comparison} found
 * @param {"a" | "b"} which
 * @param {Hit} hit
 * @returns {{word: string, meaning: string, kind: string}}
 */
function change(found, which, hit) {
  if (!hit.shared) return { word: t("two_models.alone"), meaning: t("two_models.alone_meaning"), kind: "alone" };
  if (hit.other === null || hit.other > found.k) {
    const key = which === "a" ? "gone" : "new";
    const meaning = hit.other === null ? t(`two_models.${key}_far`, { depth: found.depth }) : t(`two_models.${key}_meaning`, { rank: hit.other });
    return { word: t(`two_models.${key}`), meaning, kind: key };
  }
  const steps = hit.other - hit.rank;
  if (!steps) return { word: "=", meaning: t("two_models.same"), kind: "same" };
  const n = Math.abs(steps);
  return steps > 0 ? { word: `▲${n}`, meaning: t("two_models.up", { n }), kind: "up" } : { word: `▼${n}`, meaning: t("two_models.down", { n }), kind: "down" };
}

/** Show which picture is which: under the pointer or with the focus, it is marked in both answers. @param {HTMLElement} pair */
function follow(pair) {
  const mark = (/** @type {string | undefined} */ picture) => {
    pair.classList.toggle("is-following", picture !== undefined);
    for (const one of pair.querySelectorAll("[data-picture]")) one.classList.toggle("is-on", /** @type {HTMLElement} */ (one).dataset.picture === picture);
  };
  const at = (/** @type {Event} */ event) => /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest(".ranked-hit"));
  pair.addEventListener("pointerover", (event) => mark(at(event)?.dataset.picture));
  pair.addEventListener("pointerleave", () => mark(undefined));
  pair.addEventListener("focusin", (event) => mark(at(event)?.dataset.picture));
  pair.addEventListener("focusout", () => mark(undefined));
  pair.addEventListener("keydown", (event) => {
    const hit = at(event);
    if (!hit || !event.code.startsWith("Arrow")) return;
    const next = event.code === "ArrowUp" ? hit.previousElementSibling : event.code === "ArrowDown" ? hit.nextElementSibling : twin(pair, hit);
    event.preventDefault();
    /** @type {HTMLElement | null | undefined} */ (next?.querySelector("button"))?.focus();
  });
}

/** The same picture in the other answer. @param {HTMLElement} pair @param {HTMLElement} hit */
function twin(pair, hit) {
  return [...pair.querySelectorAll(".ranked-hit")].find((one) => one !== hit && /** @type {HTMLElement} */ (one).dataset.picture === hit.dataset.picture);
}
