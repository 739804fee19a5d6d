// The keys of a grid, and of pictures that were found: tables for the grid and for the legend.

/** @typedef {import("../core/keys.js").Key} Key */

/** @type {readonly Key[]} */
export const MOVES = [
  { code: "ArrowLeft", text: "grid.key.left" },
  { code: "ArrowRight", text: "grid.key.right" },
  { code: "ArrowUp", text: "grid.key.up" },
  { code: "ArrowDown", text: "grid.key.down" },
  { code: "Home", text: "grid.key.home" },
  { code: "End", text: "grid.key.end" },
  { code: "PageUp", text: "grid.key.page_up" },
  { code: "PageDown", text: "grid.key.page_down" },
];

/** @type {readonly Key[]} */
export const EXTENDING = [
  { code: "ArrowLeft", shift: true, text: "grid.key.extend_left" },
  { code: "ArrowRight", shift: true, text: "grid.key.extend_right" },
  { code: "ArrowUp", shift: true, text: "grid.key.extend_up" },
  { code: "ArrowDown", shift: true, text: "grid.key.extend_down" },
];

/** @type {readonly Key[]} */
export const GRID_KEYS = [
  ...MOVES,
  ...EXTENDING,
  { code: "Enter", text: "grid.key.open" },
  { code: "Space", text: "grid.key.select" },
  { code: "Escape", text: "grid.key.clear" },
];

/** @type {readonly Key[]} */
export const QUERY_KEYS = [
  { code: "KeyS", text: "grid.key.search" },
  { code: "KeyM", text: "grid.key.more" },
  { code: "KeyL", text: "grid.key.less" },
];

/** @type {readonly Key[]} */
export const MARK_KEYS = [
  { code: "KeyR", text: "grid.key.right_mark" },
  { code: "KeyW", text: "grid.key.wrong_mark" },
  { code: "KeyU", text: "grid.key.undo" },
];
