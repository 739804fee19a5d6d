// The keys of the review: they act while the group has the focus.

const DIGITS = Array.from({ length: 9 }, (_, place) => `Digit${place + 1}`);

/** @type {import("../../core/keys.js").Key[]} */
export const REVIEW_KEYS = [
  ...DIGITS.map((code) => ({ code, text: "duplicates.key.only" })),
  ...DIGITS.map((code) => ({ code, shift: true, text: "duplicates.key.also" })),
  { code: "KeyK", text: "duplicates.key.decide" },
  { code: "Enter", own: true, text: "duplicates.key.decide" },
  { code: "KeyS", text: "duplicates.key.suggestion" },
  { code: "KeyA", text: "duplicates.key.all" },
  { code: "KeyL", text: "duplicates.key.later" },
  { code: "ArrowRight", text: "duplicates.key.next" },
  { code: "KeyN", text: "duplicates.key.next" },
  { code: "ArrowLeft", text: "duplicates.key.previous" },
  { code: "KeyP", text: "duplicates.key.previous" },
  { code: "KeyC", text: "duplicates.key.compare" },
  { code: "KeyU", text: "duplicates.key.undo" },
  { code: "KeyZ", control: true, text: "duplicates.key.undo" },
];

/** The place, from 0, that a digit names. @param {KeyboardEvent} event */
export function placeOf(event) {
  return Number(event.code.slice(-1)) - 1;
}
