// Wheel, drag, pinch and double click on a stage.

const STEP = 1.0015; // zoom a unit of the wheel
const LINE = 16; // pixels of a line, where a wheel turns by lines

/**
 * @param {HTMLElement} stage
 * @param {{zoom: (factor: number, x: number, y: number) => void, pan: (right: number, down: number) => void, toggle: (x: number, y: number) => void}} run
 *   x and y as of a pointer event
 */
export function gestures(stage, run) {
  /** @type {Map<number, {x: number, y: number}>} */
  const down = new Map();
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    run.zoom(STEP ** (-event.deltaY * (event.deltaMode ? LINE : 1)), event.clientX, event.clientY);
  }, { passive: false });
  stage.addEventListener("dblclick", (event) => run.toggle(event.clientX, event.clientY));
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || /** @type {Element} */ (event.target).closest("input, button")) return;
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    down.set(event.pointerId, now);
    if (!other) return run.pan(now.x - before.x, now.y - before.y);
    const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
    run.zoom(factor, (now.x + other.x) / 2, (now.y + other.y) / 2);
    run.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => down.delete(/** @type {PointerEvent} */ (event).pointerId));
}
