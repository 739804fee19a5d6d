// Icons as lines of 24 x 24 units, in the colour of the text beside them.

import { svg } from "./dom.js";

const SHAPES = {
  close: ["M6 6 18 18M18 6 6 18"],
  search: ["M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z", "m15.5 15.5 5 5"],
  theme: ["M12 20a8 8 0 1 0 0-16v16Z", "M12 4a8 8 0 0 0 0 16"],
  language: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z", "M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18"],
};

/** @param {keyof typeof SHAPES} name */
export function icon(name) {
  const lines = SHAPES[name].map((d) => svg("path", { d }));
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, ...lines);
}
