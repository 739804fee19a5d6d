// Where something that floats stands: below what it belongs to, or above it, and always inside the window.

const GAP = 6;

/** @param {HTMLElement} floating with `position: fixed`, shown @param {Element} anchor */
export function place(floating, anchor) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = floating;
  const { clientWidth, clientHeight } = document.documentElement;
  const below = box.bottom + GAP;
  const top = below + height <= clientHeight || box.top - GAP - height < 0 ? below : box.top - GAP - height;
  floating.style.left = `${Math.max(GAP, Math.min(box.left, clientWidth - width - GAP))}px`;
  floating.style.top = `${Math.max(GAP, Math.min(top, clientHeight - height - GAP))}px`;
}
