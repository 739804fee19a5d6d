// The legend of keys, made of the tables by which the keys act.

import { element } from "./dom.js";
import { shownKey } from "./keys.js";
import { t } from "./text.js";

const MANY = 4; // keys that do the same, beyond which not all are shown

/**
 * A table of keys and what they do; keys that do the same share a row.
 * @param {string} title
 * @param {readonly import("./keys.js").Key[]} table
 */
export function legend(title, table) {
  /** @type {Map<string, import("./keys.js").Key[]>} */
  const rows = new Map();
  for (const key of table) {
    const same = rows.get(key.text) ?? [];
    if (!same.some((one) => shownKey(one) === shownKey(key))) rows.set(key.text, [...same, key]);
  }
  return element("table", { class: "key-legend" },
    element("caption", {}, title),
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, t("shell.key")), element("th", { scope: "col" }, t("shell.action")))),
    element("tbody", {}, ...[...rows].map(([text, several]) => element("tr", {},
      element("td", {}, ...shown(several)), element("td", {}, t(text))))));
}

/** Keys on their caps; of many, such as digits, the first and the last. @param {import("./keys.js").Key[]} several */
function shown(several) {
  const caps = several.map((key) => element("kbd", {}, shownKey(key)));
  return several.length > MANY ? [/** @type {Node} */ (caps[0]), "…", /** @type {Node} */ (caps.at(-1))] : caps;
}
