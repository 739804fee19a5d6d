// A map by keys: a cross in its middle takes the place of the pointer.

import { say } from "../../core/announce.js";
import { keys } from "../../core/keys.js";
import { t } from "../../core/text.js";
import { ALSO, MAP_KEYS } from "./map_keys.js";
import { panned, whole, zoomed } from "./view.js";

const STEP = 0.15; // of the window, for an arrow key
const CLOSER = 1.3; // of a zoom

export class ByKeys {
  /** @param {import("./map_view.js").MapView} map */
  constructor(map) {
    this.map = map;
    const { surface } = map;
    /** @param {number} dx @param {number} dy */
    const step = (dx, dy) => () => this.move(panned(surface.view, dx * STEP * surface.view.width, dy * STEP * surface.view.height));
    keys(map.window, [...MAP_KEYS, ...ALSO], {
      "map.key.left": step(1, 0), "map.key.right": step(-1, 0), "map.key.up": step(0, 1), "map.key.down": step(0, -1),
      "map.key.nearer": () => this.move(zoomed(surface.view, CLOSER)),
      "map.key.farther": () => this.move(zoomed(surface.view, 1 / CLOSER)),
      "map.key.whole": () => this.move(whole(surface.view.width, surface.view.height)),
      "map.key.open": () => this.open(),
      "map.key.corner": () => this.corner(),
    });
    keys(map.node, MAP_KEYS.filter((key) => key.code === "Escape"), { "map.key.cancel": () => this.cancel() });
  }

  /** The picture under the cross is shown and said. @param {import("./view.js").View} view */
  move(view) {
    const { surface, card } = this.map;
    surface.crosshair = true;
    card.hide();
    if (surface.mode === "rectangle" && surface.corners.length) surface.pointer = [view.x, view.y];
    surface.move(view);
    surface.hover(() => this.middle(), (i) => {
      if (i >= 0) void card.show(surface, i, false).then((item) => item && say([item.label, item.name].filter(Boolean).join(", ")));
    });
  }

  /** The point nearest to the cross, or -1. */
  middle() {
    const { surface } = this.map;
    return surface.at(surface.view.width / 2, surface.view.height / 2, "keys");
  }

  open() {
    const { surface, card } = this.map;
    const i = this.middle();
    if (i < 0) return say(t("map.nothing_here"));
    void card.show(surface, i, true).then(() => card.focus());
  }

  /** A corner of a rectangle where the cross is. */
  corner() {
    const { surface, toolbar } = this.map;
    surface.crosshair = true;
    surface.leave();
    if (surface.mode !== "rectangle") surface.setMode("rectangle");
    surface.corner(surface.view.width / 2, surface.view.height / 2);
    toolbar.update();
  }

  cancel() {
    const { surface, card, state } = this.map;
    if (!card.box.hidden) card.hide();
    else if (surface.mode !== "pan") surface.setMode("pan");
    else if (state.selection) void this.map.go({ selection: null });
  }
}
