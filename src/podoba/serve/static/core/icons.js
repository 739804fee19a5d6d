// Icons as lines of 24 x 24 units, in the colour of the text beside them.

import { svg } from "./dom.js";

const SHAPES = {
  close: ["M6 6 18 18M18 6 6 18"],
  search: ["M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z", "m15.5 15.5 5 5"],
  theme: ["M12 20a8 8 0 1 0 0-16v16Z", "M12 4a8 8 0 0 0 0 16"],
  language: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z", "M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18"],
  check: ["m5 12.5 4.5 4.5L19 7.5"],
  broken: ["M4 5h16v14H4Z", "m4 5 16 14"],
  picture: ["M4 5h16v14H4Z", "m4 16 4.5-4.5 4 4 2.5-2.5 5 5", "M15.5 10a1 1 0 1 0 0-2 1 1 0 0 0 0 2Z"],
  camera: ["M4 8h3.5L9 5.5h6L16.5 8H20v11H4Z", "M12 16.5a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6Z"],
  plus: ["M12 5v14M5 12h14"],
  minus: ["M5 12h14"],
  crop: ["M7 3v14h14", "M3 7h14v14"],
  lasso: ["M12 5c-4.5 0-8 2.2-8 5s3.5 5 8 5 8-2.2 8-5-3.5-5-8-5Z", "M7.5 14.2c-1.2 1.4-1 3.2.6 3.2 1.7-.1 1.4 2.2.4 3.1"],
  rectangle: ["M5 6h14v12H5Z", "M3.5 6a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0ZM17.5 18a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0Z"],
  whole: ["M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"],
  keyboard: ["M3 6h18v12H3Z", "M7 10h.01M11 10h.01M15 10h.01M7 14h10"],
  left: ["m15 5-7 7 7 7"],
  right: ["m9 5 7 7-7 7"],
  open: ["M13 5h6v6", "m19 5-9 9", "M18 14v5H5V6h5"],
  filter: ["M4 6h16M7 12h10M10 18h4"],
  download: ["M12 4v11", "m7 10.5 5 5 5-5", "M5 20h14"],
  compare: ["M4 5h7v14H4ZM13 5h7v14h-7Z"],
  undo: ["M8 5 4 9l4 4", "M4 9h10a5 5 0 0 1 0 10h-4"],
  yes: ["M4 11h3v9H4Z", "m7 11 4-7c1.5 0 2.2 1 2 2.5L12.5 10H18c1.3 0 2 1 1.7 2.2l-1.4 6.2c-.2 1-1 1.6-2 1.6H7"],
  no: ["M4 13h3V4H4Z", "m7 13 4 7c1.5 0 2.2-1 2-2.5L12.5 14H18c1.3 0 2-1 1.7-2.2l-1.4-6.2c-.2-1-1-1.6-2-1.6H7"],
};

/** @typedef {keyof typeof SHAPES} IconName */

/** @param {keyof typeof SHAPES} name */
export function icon(name) {
  const lines = SHAPES[name].map((d) => svg("path", { d }));
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, ...lines);
}
