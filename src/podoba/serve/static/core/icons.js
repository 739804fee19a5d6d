// Icons as lines of 24 x 24 units, in the colour of the text beside them.

import { svg } from "./dom.js";

const SHAPES = {
  browse: ["M4 4h7v9H4zM13.5 4H20v5h-6.500zM13.5 11.500H20V20h-6.500zM4 15.500h7V20H4z"],
  check: ["m5 12.5 4.5 4.500L19 7.5"],
  chevron: ["m7 10 5 5 5-5"],
  close: ["M6 6 18 18M18 6 6 18"],
  copy: ["M9 10.500a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2V18a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2z", "M15.500 8.500V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7.500a2 2 0 0 0 2 2h3"],
  duplicates: ["M8.5 8.500V6A2 2 0 0 1 10.5 4H18a2 2 0 0 1 2 2v7.500a2 2 0 0 1-2 2h-2.5", "M4 10.500a2 2 0 0 1 2-2h7.500a2 2 0 0 1 2 2V18a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z"],
  folder: ["M3.5 7a2 2 0 0 1 2-2h4l2 2.500h7a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2z"],
  help: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z", "M9.5 9.500a2.5 2.5 0 1 1 3.5 2.300c-.7.35-1 .9-1 1.700M12 16.500v.1"],
  image: ["M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z", "m4 16.5 4.5-4.5 4 4 3-3 4.5 4.500M15.5 9.500v.1"],
  jobs: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z", "M12 7v5.200l3.5 2"],
  language: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z", "M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18"],
  link: ["M10 14a4 4 0 0 0 5.8.300l3-3a4 4 0 0 0-5.7-5.700l-1.4 1.4", "M14 10a4 4 0 0 0-5.8-.300l-3 3a4 4 0 0 0 5.7 5.700l1.4-1.4"],
  map: ["M6.5 8.500v.100M10 13v.100M6 16.500v.100M14.5 7v.100M17.5 11v.100M14.5 16.500v.100M18.5 17.500v.100M10.5 18.500v.100M11 9v.1"],
  menu: ["M4 7h16M4 12h16M4 17h16"],
  models: ["M12 3.5 20 8v8l-8 4.500L4 16V8z", "m4 8 8 4.500L20 8M12 12.500v8"],
  pause: ["M9 6v12M15 6v12"],
  play: ["M8 5.500v13l10.500-6.500z"],
  refresh: ["M19 12a7 7 0 1 1-2-4.900L19 9M19 4.500V9h-4.500"],
  search: ["M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z", "m15.5 15.5 5 5"],
  stop: ["M7 7h10v10H7z"],
  studies: ["M4 20V4M4 20h16", "m7.5 15.5 3.5-5 3 3 4.5-7"],
  theme: ["M12 20a8 8 0 1 0 0-16v16Z", "M12 4a8 8 0 0 0 0 16"],
  warning: ["M12 4 21 19.500H3zM12 10v4.500M12 17v.1"],
};

/** @typedef {keyof typeof SHAPES} IconName */

/** @param {IconName} name */
export function icon(name) {
  const lines = SHAPES[name].map((d) => svg("path", { d }));
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, ...lines);
}
