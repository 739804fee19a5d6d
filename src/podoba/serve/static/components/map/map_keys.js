// The keys of a map: for the surface and for the list of keys.

/** @typedef {import("../../core/keys.js").Key} Key */

/** @type {readonly Key[]} */
export const MAP_KEYS = [
  { code: "ArrowLeft", text: "map.key.left" },
  { code: "ArrowRight", text: "map.key.right" },
  { code: "ArrowUp", text: "map.key.up" },
  { code: "ArrowDown", text: "map.key.down" },
  { code: "Equal", text: "map.key.nearer" },
  { code: "Minus", text: "map.key.farther" },
  { code: "Digit0", text: "map.key.whole" },
  { code: "Enter", text: "map.key.open" },
  { code: "KeyR", text: "map.key.corner" },
  { code: "Escape", text: "map.key.cancel" },
];

/** Other keys that do the same. @type {readonly Key[]} */
export const ALSO = [
  { code: "Equal", shift: true, text: "map.key.nearer" },
  { code: "NumpadAdd", text: "map.key.nearer" },
  { code: "NumpadSubtract", text: "map.key.farther" },
  { code: "Numpad0", text: "map.key.whole" },
];
