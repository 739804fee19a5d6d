// How a query changes: parts come, go, and turn from wanted to unwanted.

import { isSamePart } from "./query.js";

/**
 * @typedef {import("./query.js").Part} Part
 * @typedef {{wanted: Part[], unwanted: Part[]}} Query
 */

/**
 * Parts in the place of a query, or beside what it has; words take the place of words, and what was unwanted is wanted now.
 * @param {Query} query
 * @param {Part[]} parts
 * @param {boolean} add
 * @returns {Query}
 */
export function asked({ wanted, unwanted }, parts, add) {
  if (!add) return { wanted: parts, unwanted: [] };
  const words = parts.some((part) => part.kind === "text");
  const left = lacking(wanted, parts).filter((part) => !(words && part.kind === "text"));
  return { wanted: [...left, ...parts], unwanted: lacking(unwanted, parts) };
}

/**
 * Less like these: they are unwanted now.
 * @param {Query} query
 * @param {Part[]} parts
 * @returns {Query | null} null where nothing wanted would be left
 */
export function lessLike({ wanted, unwanted }, parts) {
  const left = lacking(wanted, parts);
  return left.length ? { wanted: left, unwanted: [...lacking(unwanted, parts), ...parts] } : null;
}

/**
 * Another part in the place of one, or none. Without anything wanted there is no query.
 * @param {Query} query
 * @param {Part} part
 * @param {Part | null} other
 * @returns {Query}
 */
export function replaced({ wanted, unwanted }, part, other) {
  const changed = (/** @type {Part[]} */ parts) => parts.flatMap((one) => (one !== part ? [one] : other ? [other] : []));
  const left = changed(wanted);
  return { wanted: left, unwanted: left.length ? changed(unwanted) : [] };
}

/**
 * What was wanted is unwanted now, or the other way; its weight is the usual one again.
 * @param {Query} query
 * @param {Part} part
 * @returns {Query}
 */
export function turned({ wanted, unwanted }, part) {
  const { weight: _, ...plain } = part;
  const without = (/** @type {Part[]} */ parts) => parts.filter((one) => one !== part);
  if (wanted.includes(part)) return { wanted: without(wanted), unwanted: [...unwanted, plain] };
  return { wanted: [...wanted, plain], unwanted: without(unwanted) };
}

/**
 * Whether two queries want the same, whatever the weights: marks belong to that.
 * @param {Part[]} one
 * @param {Part[]} other
 */
export function wantsSame(one, other) {
  return one.length === other.length && one.every((part, place) => isSamePart(part, /** @type {Part} */ (other[place])));
}

/**
 * @param {Part[]} parts
 * @param {Part[]} others
 */
const lacking = (parts, others) => parts.filter((part) => !others.some((one) => isSamePart(one, part)));
