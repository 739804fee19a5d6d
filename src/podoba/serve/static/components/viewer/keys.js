// The keys of the viewer.

/** @type {import("../../core/keys.js").Key[]} */
export const VIEWER_KEYS = [
  { code: "Digit1", text: "viewer.key.side" },
  { code: "Digit2", text: "viewer.key.slider" },
  { code: "Digit3", text: "viewer.key.difference" },
  { code: "KeyS", text: "viewer.key.swap" },
  { code: "Equal", text: "viewer.key.in" },
  { code: "NumpadAdd", text: "viewer.key.in" },
  { code: "Minus", text: "viewer.key.out" },
  { code: "NumpadSubtract", text: "viewer.key.out" },
  { code: "Digit0", text: "viewer.key.whole" },
  { code: "ArrowLeft", own: true, text: "viewer.key.left" },
  { code: "ArrowRight", own: true, text: "viewer.key.right" },
  { code: "ArrowUp", own: true, text: "viewer.key.up" },
  { code: "ArrowDown", own: true, text: "viewer.key.down" },
  { code: "KeyA", text: "viewer.key.all" },
];
