// A button that lets pictures be chosen or photographed: the browser's own field, hidden but in the order of Tab, in a label.

import { element } from "../core/dom.js";
import { icon } from "../core/icons.js";

/**
 * @param {object} options
 * @param {"picture" | "camera" | "plus"} options.name of the icon
 * @param {string} options.text
 * @param {(files: File[]) => void} options.files called with what was chosen
 * @param {boolean} [options.camera] of a phone, in the place of its pictures
 */
export function fileButton({ name, text, files, camera = false }) {
  const change = (/** @type {{target: HTMLInputElement}} */ { target }) => {
    const chosen = [...(target.files ?? [])];
    target.value = ""; // the same file again is a choice again
    if (chosen.length) files(chosen);
  };
  const input = element("input", {
    type: "file",
    class: "hidden-text",
    accept: "image/*",
    multiple: !camera,
    capture: camera ? "environment" : null,
    on: { change },
  });
  return element("label", { class: camera ? "button is-camera" : "button" }, input, icon(name), element("span", {}, text));
}
