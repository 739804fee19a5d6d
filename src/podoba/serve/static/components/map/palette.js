// Colours that readers with any colour vision tell apart (after Okabe and Ito, 2008), and a scale for numbers (viridis).

import { pixelOf } from "./raster.js";

const COLOURS = {
  light: ["#0072b2", "#d98c00", "#009e73", "#c2568f", "#b84a00", "#3fa3e0", "#6b4fa0", "#7d7a00", "#7f5539", "#374151"],
  dark: ["#4da3e0", "#f0b340", "#33c29a", "#e698c4", "#f0804a", "#9bd6fa", "#b79ce6", "#d3d04e", "#c9a27e", "#d5dde6"],
};
const SCALE = {
  light: ["#9bd93c", "#58c765", "#2ab07f", "#1f988b", "#277f8e", "#31688e", "#3b528b", "#46327e"],
  dark: ["#4f6bb5", "#3f7fb0", "#2f93a8", "#28a69a", "#3fbb86", "#6fcc66", "#aadc3d", "#fde725"],
};
const OTHER = { light: "#7d858f", dark: "#8b95a1" };
const UNKNOWN = { light: "#a9b0b8", dark: "#626b76" };
const FADED = { light: "#e3e6ea", dark: "#2a3038" };
const PAGE = { light: "#ffffff", dark: "#111417" };

/** @typedef {"light" | "dark"} Theme */

/** The theme that is seen. @returns {Theme} */
export function seenTheme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/**
 * Colours of the codes: 0 is what is not known. Of values only the first have a colour of their own, or those that were chosen.
 * @param {import("./points.js").Legend} legend
 * @param {ReadonlySet<number>} chosen codes
 * @param {Theme} theme
 * @returns {string[]}
 */
export function coloursOf(legend, chosen, theme) {
  const colours = [UNKNOWN[theme]];
  const own = COLOURS[theme];
  const order = chosen.size ? [...chosen] : legend.entries.map((_, i) => i + 1);
  legend.entries.forEach((_, i) => {
    if (legend.kind === "numbers") colours.push(/** @type {string} */ (SCALE[theme][Math.round((i * (SCALE[theme].length - 1)) / Math.max(1, legend.entries.length - 1))]));
    else if (legend.kind === "clusters") colours.push(/** @type {string} */ (own[i % own.length]));
    else colours.push(own[order.indexOf(i + 1)] ?? OTHER[theme]);
  });
  colours.push(OTHER[theme]); // of the rare values that share a code
  return colours;
}

/**
 * How the points look.
 * @param {import("./points.js").Legend} legend
 * @param {ReadonlySet<number>} chosen codes; none: all
 * @param {Theme} theme
 * @returns {import("./raster.js").Look}
 */
export function lookOf(legend, chosen, theme) {
  const colours = coloursOf(legend, chosen, theme);
  return {
    colours: Uint32Array.from(colours, pixelOf),
    shown: Uint8Array.from(colours, (_, code) => (chosen.size === 0 || chosen.has(code) ? 1 : 0)),
    faded: pixelOf(FADED[theme]),
    background: pixelOf(PAGE[theme]),
  };
}
