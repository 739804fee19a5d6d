// Two pictures of several compared in a dialog.

import { element } from "../../core/dom.js";
import { isolated, t } from "../../core/text.js";
import { dialog } from "../dialog.js";
import { Viewer } from "./viewer.js";

/** @typedef {import("./attributes.js").Side} Side */

/**
 * @param {string} collection
 * @param {Side} left
 * @param {Side} right
 * @param {Side[]} items those that may be compared
 */
export function showPair(collection, left, right, items) {
  const viewer = new Viewer(collection, { swapped: () => choose() });
  const choices = ["viewer.left", "viewer.right"].map((side) => element("select", { "aria-label": t(side), on: { change: () => change() } },
    ...items.map((item, place) => element("option", { value: item.id }, t("viewer.choice", { n: place + 1, name: isolated(item.name) })))));
  const shown = dialog(t("viewer.title"), ...(items.length > 2 ? [element("div", { class: "toolbar" }, ...choices)] : []), viewer.node);
  shown.node.classList.add("wide");
  viewer.setSides(left, right);
  choose();
  viewer.stage.focus();
  return shown;

  function choose() {
    choices.forEach((choice, side) => { choice.value = viewer.sides?.[side]?.id ?? ""; });
  }

  function change() {
    const [first, second] = choices.map((choice) => items.find((item) => item.id === choice.value));
    if (first && second) viewer.setSides(first, second);
  }
}
