// The state of a search as the address holds it: what is wanted and unwanted, boxes, filter, threshold, order and place.

/**
 * A rectangle in pixels of the upright picture: x, y, width, height.
 * @typedef {[number, number, number, number]} Box
 *
 * One picture, item, descriptor or text of a query.
 * @typedef {object} Part
 * @property {"item" | "upload" | "descriptor" | "text"} kind
 * @property {string} value id of an item, sha256 of an upload, descriptor (base64url of float16), or words
 * @property {string} [descriptor] of an upload, for when the server no longer has it
 * @property {number} [weight] absent: 1 for what is wanted, .25 for what is not
 * @property {Box} [box]
 *
 * @typedef {object} SearchState
 * @property {Part[]} wanted
 * @property {Part[]} unwanted
 * @property {string} where filter; "" for none
 * @property {number} p probability from which a result counts as similar
 * @property {string} sort "" for the most similar first
 * @property {number} at index of the first result in view
 * @property {string[]} unknown parts of the address that were not understood
 */

export const USUAL_PROBABILITY = 0.2; // one in five: less would hide what a careful model is right about
/** @type {Record<string, Part["kind"]>} */
const KINDS = { id: "item", u: "upload", d: "descriptor", text: "text" };
const PREFIXES = Object.fromEntries(Object.entries(KINDS).map(([prefix, kind]) => [kind, prefix]));
const PART = /^(id|u|d|text):(.+?)(?:@(\d*\.?\d+))?$/s;
const SHA = /^[0-9a-f]{64}$/;
const DESCRIPTOR = /^[\w-]+$/;

/**
 * @param {URLSearchParams} parameters of the address
 * @returns {SearchState}
 */
export function readState(parameters) {
  /** @type {string[]} */
  const unknown = [];
  const wanted = readParts(parameters.get("q") ?? "", unknown);
  const unwanted = readParts(parameters.get("not") ?? "", unknown);
  readBoxes(parameters.get("box") ?? "", [...wanted, ...unwanted], unknown);
  return {
    wanted: wanted.filter(isPart),
    unwanted: unwanted.filter(isPart),
    where: parameters.get("where") ?? "",
    p: within(parameters.get("p"), 0, 1, USUAL_PROBABILITY),
    sort: parameters.get("sort") ?? "",
    at: Math.floor(within(parameters.get("at"), 0, Number.MAX_SAFE_INTEGER, 0)),
    unknown,
  };
}

/**
 * @param {Omit<SearchState, "unknown">} state
 * @returns {Record<string, string | null>} the parameters of the address; null for those it does without
 */
export function writeState(state) {
  const boxes = [...state.wanted, ...state.unwanted].flatMap((part, place) => (part.box ? [`${place}:${part.box.join(",")}`] : []));
  return {
    q: joined(state.wanted.map(writePart)),
    not: joined(state.unwanted.map(writePart)),
    box: joined(boxes),
    where: state.where || null,
    p: state.p === USUAL_PROBABILITY ? null : String(state.p),
    sort: state.sort || null,
    at: state.at ? String(state.at) : null,
  };
}

/**
 * @param {Part} part
 * @returns {Record<string, unknown>} as the API takes it
 */
export function partOfRequest(part) {
  /** @type {Record<string, unknown>} */
  const request = { [part.kind]: part.value };
  if (part.weight !== undefined) request.weight = part.weight;
  if (part.box) request.box = part.box;
  return request;
}

/**
 * Whether two parts mean the same picture or words, whatever their weights.
 * @param {Part} a
 * @param {Part} b
 */
export function isSamePart(a, b) {
  return a.kind === b.kind && a.value === b.value && String(a.box ?? "") === String(b.box ?? "");
}

/**
 * What the search no longer needs the picture for: the part by its descriptor, which holds the box too.
 * @param {Part} part
 * @returns {Part | null} null where there is no descriptor
 */
export function withoutUpload({ kind, descriptor, weight }) {
  if (kind !== "upload" || !descriptor) return null;
  return weight === undefined ? { kind: "descriptor", value: descriptor } : { kind: "descriptor", value: descriptor, weight };
}

/** @param {Part} part */
function writePart({ kind, value, descriptor, weight }) {
  const said = kind === "upload" && descriptor ? `${value}.${descriptor}` : value;
  return `${PREFIXES[kind]}:${escaped(said)}${weight === undefined ? "" : `@${shortened(weight)}`}`;
}

/**
 * @param {string} text
 * @param {string[]} unknown
 */
function readParts(text, unknown) {
  return text
    .split("|")
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => readPart(one) ?? (unknown.push(one), null));
}

/**
 * @param {string} text
 * @returns {Part | null}
 */
function readPart(text) {
  const match = PART.exec(text);
  if (!match) return null;
  const kind = KINDS[/** @type {string} */ (match[1])];
  const said = unescaped(/** @type {string} */ (match[2]));
  const [value, descriptor] = kind === "upload" ? said.split(".") : [said];
  const weight = match[3] === undefined ? undefined : Number(match[3]);
  if (!kind || !value?.trim() || weight === 0) return null;
  if (kind === "upload" && !SHA.test(value)) return null;
  if ((kind === "descriptor" && !DESCRIPTOR.test(value)) || (descriptor !== undefined && !DESCRIPTOR.test(descriptor))) return null;
  return { kind, value, ...(descriptor ? { descriptor } : {}), ...(weight === undefined ? {} : { weight }) };
}

/**
 * @param {string} text
 * @param {(Part | null)[]} parts
 * @param {string[]} unknown
 */
function readBoxes(text, parts, unknown) {
  for (const one of text.split("|").map((each) => each.trim()).filter(Boolean)) {
    const [place, sides] = one.split(":");
    const part = parts[Number(place)];
    const box = sides?.split(",").map(Number) ?? [];
    const right = box.length === 4 && box.every((side) => Number.isFinite(side) && side >= 0) && box[2] !== 0 && box[3] !== 0;
    if (part && right && (part.kind === "item" || part.kind === "upload")) part.box = /** @type {Box} */ (box);
    else unknown.push(one);
  }
}

/** @param {string[]} texts */
const joined = (texts) => (texts.length ? texts.join(" | ") : null);
/** @param {string} text */
const escaped = (text) => text.replace(/[%|@]/g, (letter) => encodeURIComponent(letter));
/** @param {string} text */
const unescaped = (text) => text.replace(/%(25|7C|40)/gi, decodeURIComponent);
/** @param {number} weight */
const shortened = (weight) => String(Math.round(weight * 1000) / 1000).replace(/^0\./, ".");
/**
 * @param {Part | null} part
 * @returns {part is Part}
 */
const isPart = (part) => part !== null;

/**
 * @param {string | null} text
 * @param {number} least
 * @param {number} most
 * @param {number} usual
 */
function within(text, least, most, usual) {
  const value = text === null || text.trim() === "" ? NaN : Number(text);
  return value >= least && value <= most ? value : usual;
}
