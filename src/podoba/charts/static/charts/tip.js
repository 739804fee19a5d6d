// A few words beside the pointer.

import { element } from "./elements.js";

/**
 * @param {number} x of the pointer, in the window
 * @param {number} y
 * @param {...(Node | string)} content
 */
export function tip(x, y, ...content) {
  const box = document.getElementById("tip") ?? document.body.appendChild(element("div", { id: "tip" }));
  box.hidden = false;
  box.replaceChildren(...content);
  const width = box.offsetWidth, height = box.offsetHeight;
  box.style.left = Math.max(4, Math.min(x + 14, innerWidth - width - 4)) + "px";
  box.style.top = Math.max(4, y + 14 + height > innerHeight ? y - height - 10 : y + 14) + "px";
}

export function untip() {
  const box = document.getElementById("tip");
  if (box) box.hidden = true;
}
