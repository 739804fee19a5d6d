// A filter as text and as what was chosen in the facets: terms joined by `and`, of which those in a simple form can be clicked.

/**
 * A literal of a filter; null is what is absent.
 * @typedef {string | number | null} Value
 *
 * @typedef {{name: string, values: Value[]}} ValuesTerm one of the values
 * @typedef {{name: string, least: number | null, most: number | null}} RangeTerm within the bounds, which belong to it
 * @typedef {{text: string}} TextTerm anything else, as it was written
 * @typedef {ValuesTerm | RangeTerm | TextTerm} Term
 */

const WORDS = new Set(
  "and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield None True False null attributes".split(" "),
);
const PLAIN = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const NAME = String.raw`(?:attributes\[("(?:[^"\\]|\\.)*")\]|([\p{L}_][\p{L}\p{N}_]*))`;
const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:e[-+]?\d+)?`;
const LITERAL = String.raw`(?:"(?:[^"\\]|\\.)*"|'[^'\\]*'|${NUMBER}|null|None)`;
const EQUAL = new RegExp(`^${NAME}\\s*==\\s*(${LITERAL})$`, "u");
const LISTED = new RegExp(`^${NAME}\\s+in\\s+\\[\\s*(${LITERAL}(?:\\s*,\\s*${LITERAL})*)\\s*\\]$`, "u");
const BOUND = new RegExp(`^${NAME}\\s*(>=|<=)\\s*(${NUMBER})$`, "u");
const BETWEEN = new RegExp(`^(${NUMBER})\\s*<=\\s*${NAME}\\s*<=\\s*(${NUMBER})$`, "u");

/**
 * @param {string} where
 * @returns {Term[]} in their order
 */
export function termsOf(where) {
  return split(where).map(readTerm);
}

/**
 * @param {Term[]} terms
 * @returns {string} the filter of all of them
 */
export function whereOf(terms) {
  return terms.map((term) => writeTerm(term, terms.length > 1)).join(" and ");
}

/**
 * @param {string} where
 * @param {string} name
 * @returns {Value[]} the values chosen of an attribute
 */
export function chosen(where, name) {
  return termsOf(where).flatMap((term) => ("values" in term && term.name === name ? term.values : []));
}

/**
 * @param {string} where
 * @param {string} name
 * @returns {{least: number | null, most: number | null}} the bounds of an attribute
 */
export function bounds(where, name) {
  /** @type {{least: number | null, most: number | null}} */
  const both = { least: null, most: null };
  for (const term of termsOf(where)) {
    if (!("least" in term) || term.name !== name) continue;
    if (term.least !== null) both.least = Math.max(term.least, both.least ?? -Infinity);
    if (term.most !== null) both.most = Math.min(term.most, both.most ?? Infinity);
  }
  return both;
}

/**
 * @param {string} where
 * @param {string} name
 * @param {Value[]} values none: the attribute is not asked for
 * @returns {string} the filter with these values of an attribute in the place of those that were chosen
 */
export function choose(where, name, values) {
  const others = termsOf(where).filter((term) => !("values" in term && term.name === name));
  return whereOf(values.length ? [...others, { name, values }] : others);
}

/**
 * @param {string} where
 * @param {string} name
 * @param {number | null} least
 * @param {number | null} most
 * @returns {string} the filter with these bounds of an attribute in the place of those it had
 */
export function limit(where, name, least, most) {
  const others = termsOf(where).filter((term) => !("least" in term && term.name === name));
  return whereOf(least === null && most === null ? others : [...others, { name, least, most }]);
}

/**
 * @param {string} where
 * @param {string} name
 * @returns {string} the filter without what the facet of an attribute asks for
 */
export function without(where, name) {
  return choose(limit(where, name, null, null), name, []);
}

/**
 * Where the terms begin and end: at `and` outside of quotes and brackets. A filter with an `or` there is one term.
 * @param {string} where
 */
function split(where) {
  const terms = [];
  let depth = 0;
  let start = 0;
  const pieces = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[[({]|[\])}]|[\p{L}_][\p{L}\p{N}_]*/gu;
  for (const { 0: piece, index } of where.matchAll(pieces)) {
    if ("[({".includes(piece)) depth += 1;
    else if ("])}".includes(piece)) depth -= 1;
    else if (depth === 0 && piece === "or") return [where.trim()];
    else if (depth === 0 && piece === "and") {
      terms.push(where.slice(start, index));
      start = index + piece.length;
    }
  }
  terms.push(where.slice(start));
  return terms.map((term) => term.trim()).filter(Boolean);
}

/**
 * @param {string} text
 * @returns {Term}
 */
function readTerm(text) {
  const equal = EQUAL.exec(text);
  if (equal) return { name: nameOf(equal[1], equal[2]), values: [readValue(String(equal[3]))] };
  const listed = LISTED.exec(text);
  if (listed) {
    const literals = String(listed[3]).match(new RegExp(LITERAL, "gu")) ?? [];
    return { name: nameOf(listed[1], listed[2]), values: literals.map(readValue) };
  }
  const bound = BOUND.exec(text);
  if (bound) {
    const number = Number(bound[4]);
    const isLeast = bound[3] === ">=";
    return { name: nameOf(bound[1], bound[2]), least: isLeast ? number : null, most: isLeast ? null : number };
  }
  const between = BETWEEN.exec(text);
  if (between) return { name: nameOf(between[2], between[3]), least: Number(between[1]), most: Number(between[4]) };
  return { text };
}

/**
 * @param {Term} term
 * @param {boolean} joined whether it stands beside others
 */
function writeTerm(term, joined) {
  if ("text" in term) return joined && hasOr(term.text) ? `(${term.text})` : term.text;
  const name = writeName(term.name);
  if ("values" in term) {
    const values = term.values.map((value) => (value === null ? "null" : JSON.stringify(value)));
    return values.length === 1 ? `${name} == ${values[0]}` : `${name} in [${values.join(", ")}]`;
  }
  if (term.least !== null && term.most !== null) return `${term.least} <= ${name} <= ${term.most}`;
  return term.least === null ? `${name} <= ${term.most}` : `${name} >= ${term.least}`;
}

/** @param {string} text */
const hasOr = (text) => split(`${text} and 1`).length === 1;

/**
 * @param {string | undefined} quoted
 * @param {string | undefined} plain
 */
const nameOf = (quoted, plain) => (quoted === undefined ? String(plain) : String(JSON.parse(quoted)));

/** @param {string} name */
export function writeName(name) {
  return PLAIN.test(name) && !WORDS.has(name) ? name : `attributes[${JSON.stringify(name)}]`;
}

/**
 * @param {string} literal
 * @returns {Value}
 */
function readValue(literal) {
  if (literal === "null" || literal === "None") return null;
  if (literal.startsWith("'")) return literal.slice(1, -1);
  return /** @type {Value} */ (JSON.parse(literal));
}
