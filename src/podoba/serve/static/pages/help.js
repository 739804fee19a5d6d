// What can be done here, what the words mean, how filters are written, which keys there are.

import { GRID_KEYS, MARK_KEYS, QUERY_KEYS } from "../components/grid_keys.js";
import { ALSO, MAP_KEYS } from "../components/map/map_keys.js";
import { REVIEW_KEYS } from "../components/review/keys.js";
import { VIEWER_KEYS } from "../components/viewer/keys.js";
import { address } from "../core/api.js";
import { byId, element, fill } from "../core/dom.js";
import { header } from "../core/header.js";
import { legend } from "../core/legend.js";
import { t } from "../core/text.js";

const START = ["picture", "words", "more", "correct", "link"];
const WORDS = ["similarity", "probability", "line", "weight", "box", "mark", "filter", "descriptor", "model", "group", "map", "study"];
const FILTERS = {
  equal: "label == 'cat'",
  case: "label ~= 'CAT'",
  numbers: "800 <= width < 1600",
  among: "label in ['cat', 'dog']",
  part: "'beach' in uri",
  known: "label != null",
  both: "city == 'Київ' and price < 100",
};

const KEYS = {
  grid: GRID_KEYS,
  found: [...QUERY_KEYS, ...MARK_KEYS],
  map: [...MAP_KEYS, ...ALSO],
  duplicates: REVIEW_KEYS,
  compare: VIEWER_KEYS,
};

header();

const sections = [
  section("start", element("ol", {}, ...START.map((name) => element("li", {}, t(`help.start.${name}`))))),
  section("words", element("dl", {}, ...WORDS.flatMap((name) => [
    element("dt", { id: name }, t(`help.word.${name}`)), element("dd", {}, t(`help.means.${name}`))]))),
  section("filters", element("p", {}, t("help.filters.text")), filters()),
  section("keys", element("p", {}, t("help.keys.text")), ...Object.entries(KEYS).map(([name, table]) => legend(t(`help.keys.${name}`), table))),
  section("programs", element("p", {}, t("help.programs.text")),
    element("p", {}, element("a", { href: address("/openapi.json") }, t("help.programs.link")))),
];

fill(byId("main"), element("div", { class: "help" },
  element("h1", {}, t("help.title")),
  element("nav", { class: "contents", "aria-label": t("help.contents") },
    ...sections.map((one) => element("a", { href: `#${one.id}` }, one.querySelector("h2")?.textContent ?? ""))),
  ...sections));

/** @param {string} id @param {...Node} content */
function section(id, ...content) {
  return element("section", { id, "aria-labelledby": `${id}-title` }, element("h2", { id: `${id}-title` }, t(`help.${id}`)), ...content);
}

function filters() {
  return element("dl", { class: "filters" }, ...Object.entries(FILTERS).flatMap(([name, filter]) => [
    element("dt", {}, element("code", {}, filter)), element("dd", {}, t(`help.filter.${name}`))]));
}
