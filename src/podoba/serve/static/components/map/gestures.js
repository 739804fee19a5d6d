// What the pointer and the wheel do on a map: pan, zoom, pinch, enclose, point.

import { panned, toMap, zoomed } from "./view.js";

const DRAG = 4; // pixels from which a press is a movement
const WHEEL = 0.0016; // of a zoom for a unit of the wheel
const PINCH = 0.01; // the same for two fingers on a touchpad, which browsers give as a wheel with Control

export class Gestures {
  /** @param {HTMLElement} node @param {import("./surface.js").Surface} surface */
  constructor(node, surface) {
    this.node = node;
    this.surface = surface;
    /** @type {Map<number, {x: number, y: number}>} pressed pointers by their ids */
    this.pressed = new Map();
    this.moved = false;
    node.addEventListener("pointerdown", (event) => this.press(event));
    node.addEventListener("pointermove", (event) => this.move(event));
    node.addEventListener("pointerup", (event) => this.release(event));
    node.addEventListener("pointercancel", (event) => this.pressed.delete(event.pointerId));
    node.addEventListener("pointerleave", () => this.pressed.size || surface.leave());
    node.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  /** @param {MouseEvent} event @returns {{x: number, y: number}} pixels of the map's window */
  place(event) {
    const box = this.node.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.button !== 0) return;
    this.node.setPointerCapture(event.pointerId);
    this.pressed.set(event.pointerId, this.place(event));
    this.surface.crosshair = false;
    if (this.pressed.size === 1) {
      this.moved = false;
      if (this.surface.mode === "lasso") this.surface.corners = [this.onMap(this.place(event))];
    }
  }

  /** @param {PointerEvent} event */
  move(event) {
    const { surface } = this;
    const place = this.place(event);
    const before = this.pressed.get(event.pointerId);
    if (surface.mode === "rectangle" && surface.corners.length && (!before || event.pointerType === "mouse")) {
      surface.pointer = this.onMap(place);
      surface.sketch();
    }
    if (!before) {
      if (event.pointerType === "mouse" && surface.mode === "pan") surface.hover(() => surface.at(place.x, place.y));
      return;
    }
    if (!this.moved && Math.hypot(place.x - before.x, place.y - before.y) < DRAG) return;
    this.moved = true;
    surface.leave();
    if (this.pressed.size === 2) this.pinch(event.pointerId, before, place);
    else if (surface.mode === "lasso") {
      surface.corners.push(this.onMap(place));
      surface.sketch();
    } else if (this.pressed.size === 1) surface.move(panned(surface.view, place.x - before.x, place.y - before.y));
    this.pressed.set(event.pointerId, place);
  }

  /** @param {number} id @param {{x: number, y: number}} before @param {{x: number, y: number}} place */
  pinch(id, before, place) {
    const other = [...this.pressed].find(([one]) => one !== id)?.[1];
    if (!other) return;
    const factor = Math.hypot(place.x - other.x, place.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
    const view = panned(this.surface.view, (place.x - before.x) / 2, (place.y - before.y) / 2);
    this.surface.move(zoomed(view, factor, (place.x + other.x) / 2, (place.y + other.y) / 2));
  }

  /** @param {PointerEvent} event */
  release(event) {
    if (!this.pressed.delete(event.pointerId)) return;
    const { surface } = this;
    const { x, y } = this.place(event);
    if (surface.mode === "lasso" && this.moved) surface.close();
    else if (this.moved) return;
    else if (surface.mode === "rectangle") surface.corner(x, y);
    else surface.handlers.chosen(surface.at(x, y, event.pointerType === "mouse" ? "mouse" : "touch"));
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 32 : 1;
    const { x, y } = this.place(event);
    this.surface.leave();
    this.surface.move(zoomed(this.surface.view, Math.exp(-event.deltaY * lines * (event.ctrlKey ? PINCH : WHEEL)), x, y));
  }

  /** @param {{x: number, y: number}} place @returns {[number, number]} units of the map */
  onMap({ x, y }) {
    return toMap(this.surface.view, x, y);
  }
}
