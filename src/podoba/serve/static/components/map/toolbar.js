// The buttons over the map: nearer, farther, whole, enclose, keys.

import { element, fill } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { shownKey } from "../../core/keys.js";
import { t } from "../../core/text.js";
import { dialog } from "../dialog.js";
import { MAP_KEYS } from "./map_keys.js";
import { whole, zoomed } from "./view.js";

const STEP = 1.6; // of a zoom

export class Toolbar {
  /** @param {HTMLElement} node @param {import("./surface.js").Surface} surface @param {import("./landmarks.js").Landmarks} landmarks */
  constructor(node, surface, landmarks) {
    this.surface = surface;
    this.hint = element("p", { class: "map-hint", role: "status" });
    this.lasso = this.button("lasso", "map.lasso", () => surface.setMode(surface.mode === "lasso" ? "pan" : "lasso"));
    this.rectangle = this.button("rectangle", "map.rectangle", () => surface.setMode(surface.mode === "rectangle" ? "pan" : "rectangle"));
    this.pictures = this.button("picture", "map.landmarks", () => { landmarks.wanted = !landmarks.wanted; surface.request(true); this.update(); });
    this.landmarks = landmarks;
    this.node = element("div", { class: "map-toolbar", role: "toolbar", "aria-label": t("map.tools") },
      this.button("plus", "map.key.nearer", () => surface.move(zoomed(surface.view, STEP))),
      this.button("minus", "map.key.farther", () => surface.move(zoomed(surface.view, 1 / STEP))),
      this.button("whole", "map.key.whole", () => surface.move(whole(surface.view.width, surface.view.height))),
      this.lasso, this.rectangle, this.pictures,
      this.button("keyboard", "map.keys", showKeys));
    node.append(this.node, this.hint);
    this.update();
  }

  /** Show in which mode the map is. */
  update() {
    const { mode, corners } = this.surface;
    this.lasso.setAttribute("aria-pressed", String(mode === "lasso"));
    this.rectangle.setAttribute("aria-pressed", String(mode === "rectangle"));
    this.pictures.setAttribute("aria-pressed", String(this.landmarks.wanted));
    this.hint.textContent = mode === "pan" ? "" : t(mode === "rectangle" && corners.length ? "map.hint.second" : `map.hint.${mode}`);
  }

  /** @param {import("../../core/icons.js").IconName} shape @param {string} text @param {() => void} run */
  button(shape, text, run) {
    return element("button", { type: "button", "aria-label": t(text), title: t(text), on: { click: run } }, icon(shape));
  }
}

function showKeys() {
  const list = element("dl", { class: "map-keys" });
  fill(list, ...MAP_KEYS.map((key) => element("div", {}, element("dt", {}, element("kbd", {}, shownKey(key))), element("dd", {}, t(key.text)))));
  dialog(t("map.keys"), element("p", {}, t("map.keys_note")), list);
}
