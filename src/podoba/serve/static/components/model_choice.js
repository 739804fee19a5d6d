// What a new collection finds pictures by: one of the models that are on this computer.

import { get } from "../core/api.js";
import { element, foreign } from "../core/dom.js";
import { hasText, t } from "../core/text.js";

const USUAL = "photo";

/**
 * A choice among the models that are here, the usual one first; `value` gives the name of the chosen one.
 * @returns {Promise<{node: HTMLElement, value: () => string}>}
 */
export async function modelChoice() {
  const { models } = await get("/models");
  /** @type {{name: string, words: boolean}[]} */
  const here = models.filter((/** @type {{here: boolean}} */ model) => model.here);
  here.sort((a, b) => Number(b.name === USUAL) - Number(a.name === USUAL));
  let chosen = here[0]?.name ?? USUAL;
  const options = here.map((model) => {
    const key = `welcome.model.${model.name}`;
    const input = element("input", { type: "radio", name: "model", value: model.name, checked: model.name === chosen, on: { change: () => { chosen = model.name; } } });
    return element("label", { class: "model" }, input, element("span", {}, foreign(model.name, { class: "model-name" }),
      element("span", { class: "muted small" }, hasText(key) ? t(key) : t(model.words ? "welcome.model.words" : "welcome.model.other"))));
  });
  return { node: element("fieldset", { class: "models" }, element("legend", {}, t("welcome.model")), ...options), value: () => chosen };
}
