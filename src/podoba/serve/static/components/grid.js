// A justified grid of any number of pictures, of which only those near the view are in the page.
//
// Its `node` is put into the page; `show(source)` fills it, `refresh()` writes again what is said of the pictures, `focusOn(index)`
// and `scrollTo(index)` lead to a picture. Its keys (`GRID_KEYS`) and those it is given hold while it has the focus.

import { element } from "../core/dom.js";
import { keys } from "../core/keys.js";
import { t } from "../core/text.js";
import { GridCell } from "./grid_cell.js";
import { EXTENDING, GRID_KEYS, MOVES } from "./grid_keys.js";
import { cellsOf, layOut, moved, rowAt, rowOf, rowsNear } from "./justified.js";

/**
 * @typedef {import("./justified.js").Rows} Rows
 *
 * What is shown.
 * @typedef {object} GridSource
 * @property {number} count of pictures
 * @property {(index: number) => number} aspect width by height
 * @property {(index: number) => string} key by which a picture is recognised in another source: selection and focus follow it
 * @property {(index: number) => string} name
 * @property {(index: number, side: number) => string} thumbnail its address; side is 96, 192 or 384
 * @property {(index: number) => Node[]} [decorate] what lies over a picture: badges, buttons
 * @property {(first: number, end: number) => void} [seen] called with the pictures that are in view or near it
 * @property {number} [line] index of the first picture beyond the line
 * @property {Node} [lineText] what the line says
 *
 * @typedef {{node: HTMLElement, cells: Map<number, GridCell>, top: number, height: number}} LiveRow
 *
 * @typedef {object} GridOptions
 * @property {string} label accessible name
 * @property {(index: number) => void} open a picture was chosen
 * @property {(keys: ReadonlySet<string>) => void} [selected] the selection changed; absent: nothing can be selected
 * @property {(index: number) => void} [moved] the view moved, and begins with this picture
 * @property {HTMLElement} [scroller] what scrolls; absent: the page
 * @property {number} [height] of a row, roughly
 * @property {readonly import("../core/keys.js").Key[]} [keys] further keys
 * @property {Record<string, (index: number) => void>} [actions] what those do with a picture, by the `text` of a key
 */

export const MOST_CELLS = 150;
const FEW = 90; // pictures in view at once: on a larger screen they become larger, not more
const GAP = 4;
const LINE = 64; // px
const BEYOND = 400; // px above and below the view in which pictures are kept ready
/** @type {GridSource} */
const NOTHING = { count: 0, aspect: () => 1, key: String, name: String, thumbnail: () => "" };

export class Grid {
  /** @param {GridOptions} options */
  constructor(options) {
    this.options = options;
    /** @type {GridSource} */
    this.source = NOTHING;
    /** @type {Rows} */
    this.rows = layOut(0, () => 1, { width: 1, height: 1, gap: GAP });
    /** @type {Set<string>} keys of the pictures that are selected */
    this.selection = new Set();
    /** @type {number} index of the picture that has or would get the focus */
    this.current = 0;
    /** @type {number} index of the picture where a selection of several began */
    this.anchor = 0;
    /** @type {Map<number, LiveRow>} rows that are in the page */
    this.live = new Map();
    this.body = element("div", {
      class: "grid-body",
      role: "grid",
      "aria-label": options.label,
      "aria-multiselectable": options.selected ? "true" : null,
    });
    this.line = element("div", { class: "grid-line" });
    this.node = element("div", { class: "grid" }, this.body, this.line);
    this.drawn = 0;
    /** @type {number | null} index of the picture that is about to get the focus */
    this.awaited = null;
    const target = options.scroller ?? window;
    target.addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(this.node);
    if (!options.scroller) window.addEventListener("resize", () => this.#resized());
    this.body.addEventListener("click", (/** @type {MouseEvent} */ event) => this.#clicked(event));
    this.body.addEventListener("focusin", (/** @type {FocusEvent} */ event) => this.#focused(event));
    this.#listen();
  }

  /** Whether the focus is in the grid. */
  get hasFocus() {
    return this.body.contains(document.activeElement);
  }

  /** Index of the first picture in view. */
  get first() {
    const { count, starts } = this.rows;
    return count ? Number(starts[rowAt(this.rows, this.#view().top + GAP)]) : 0;
  }

  /**
   * Show other pictures; the focus stays on the picture it was on, or on the place.
   * @param {GridSource} source
   * @param {{at?: number}} [options] at: index of the picture to begin with
   */
  show(source, { at } = {}) {
    const had = this.hasFocus;
    const key = had ? this.source.key(this.current) : "";
    this.source = source;
    this.current = Math.min(this.current, Math.max(0, source.count - 1));
    for (let index = 0; had && index < source.count; index++) if (source.key(index) === key) this.current = index;
    this.#layOut();
    if (at !== undefined) this.scrollTo(at);
    this.#draw();
    this.refresh();
    if (had) this.focusOn(this.current);
  }

  /** Write again what is said of the pictures in view. */
  refresh() {
    for (const { cells } of this.live.values()) for (const cell of cells.values()) this.#tell(cell);
  }

  /**
   * Scroll so that the view begins with a picture.
   * @param {number} index
   */
  scrollTo(index) {
    if (!this.rows.count) return;
    const row = rowOf(this.rows, Math.min(index, this.source.count - 1));
    const distance = Number(this.rows.tops[row]) - this.#view().top;
    if (row > 0 || distance < 0) this.#scrollBy(distance); // what stands above the first row stays in view
    this.#draw();
  }

  /**
   * Move the focus to a picture, and it into view.
   * @param {number} index
   * @param {{anchor?: boolean}} [options] anchor: whether what is selected next begins here
   */
  focusOn(index, { anchor = true } = {}) {
    if (!this.source.count) return;
    this.current = Math.max(0, Math.min(index, this.source.count - 1));
    if (anchor) this.anchor = this.current;
    const row = rowOf(this.rows, this.current);
    const view = this.#view();
    const top = Number(this.rows.tops[row]);
    const bottom = top + Number(this.rows.heights[row]);
    if (top < view.top) this.#scrollBy(top - view.top - GAP);
    else if (bottom > view.bottom) this.#scrollBy(Math.min(bottom - view.bottom + GAP, top - view.top));
    this.awaited = this.current;
    this.#draw();
    this.live.get(row)?.cells.get(this.current)?.node.focus({ preventScroll: true });
    this.awaited = null;
  }

  /**
   * Select a picture, or no longer.
   * @param {number} index
   */
  toggle(index) {
    const key = this.source.key(index);
    if (!this.selection.delete(key)) this.selection.add(key);
    this.#selected();
  }

  /** Select nothing. */
  clearSelection() {
    this.selection.clear();
    this.#selected();
  }

  #selected() {
    this.refresh();
    this.options.selected?.(this.selection);
  }

  /** What is in view, in pixels of the grid. */
  #view() {
    const { scroller } = this.options;
    const { scrollPaddingTop, scrollPaddingBottom } = getComputedStyle(scroller ?? document.documentElement);
    const inset = parseFloat(scrollPaddingTop) || 0; // what lies over the pictures, such as a bar that stays
    const top = (scroller ? scroller.getBoundingClientRect().top : 0) + inset;
    const height = (scroller ? scroller.clientHeight : window.innerHeight) - inset - (parseFloat(scrollPaddingBottom) || 0);
    const begin = top - this.body.getBoundingClientRect().top;
    return { top: begin, bottom: begin + height, height };
  }

  /** @param {number} distance in pixels */
  #scrollBy(distance) {
    (this.options.scroller ?? window).scrollBy({ top: distance, behavior: "instant" });
  }

  #layOut() {
    const width = this.node.clientWidth;
    const { count, aspect, line, lineText } = this.source;
    const usual = width < 600 ? 116 : 184;
    const height = Math.max(this.options.height ?? usual, Math.sqrt((width * this.#view().height) / FEW / 1.3));
    this.rows = layOut(width ? count : 0, aspect, { width, height, gap: GAP, breakAt: line ?? -1, breakHeight: LINE });
    this.body.style.height = `${this.rows.height}px`;
    this.body.setAttribute("aria-rowcount", String(this.rows.count));
    this.line.hidden = this.rows.gapTop === null;
    this.line.replaceChildren(...(lineText ? [lineText] : []));
    this.line.style.transform = `translateY(${this.rows.gapTop ?? 0}px)`;
    this.width = width;
  }

  #resized() {
    if (this.node.clientWidth === this.width) return this.#soon();
    const { first } = this;
    this.#layOut();
    if (first > 0) this.scrollTo(first);
    this.#draw();
  }

  #soon() {
    this.drawn ||= requestAnimationFrame(() => {
      this.#draw();
      this.options.moved?.(this.first);
    });
  }

  /** Put the rows near the view into the page, and take out the others and those that have changed. */
  #draw() {
    cancelAnimationFrame(this.drawn);
    this.drawn = 0;
    const held = this.hasFocus || this.awaited !== null ? rowOf(this.rows, this.current) : null;
    const wanted = rowsNear(this.rows, this.#view(), { held, beyond: BEYOND, most: MOST_CELLS });
    const focus = this.hasFocus;
    for (const [row, live] of this.live) {
      if (wanted.has(row) && this.#isSame(row, live)) continue;
      for (const cell of live.cells.values()) cell.drop();
      live.node.remove();
      this.live.delete(row);
    }
    for (const row of [...wanted].sort((a, b) => a - b)) if (!this.live.has(row)) this.#add(row);
    const { top, bottom } = this.#view();
    if (!this.rows.count || bottom < 0 || top > this.rows.height) return;
    if (!focus && this.awaited === null) this.current = this.#firstWhole(top);
    for (const { cells } of this.live.values()) for (const cell of cells.values()) cell.reach(cell.index === this.current);
    const near = [...wanted].filter((row) => row >= rowAt(this.rows, top - BEYOND) && row <= rowAt(this.rows, bottom + BEYOND));
    this.source.seen?.(Number(this.rows.starts[Math.min(...near)]), Number(this.rows.starts[Math.max(...near) + 1]));
  }

  /** @param {number} top of the view */
  #firstWhole(top) {
    const row = rowAt(this.rows, top);
    const whole = Number(this.rows.tops[row]) < top - GAP && row + 1 < this.rows.count ? row + 1 : row;
    return Number(this.rows.starts[whole]);
  }

  /**
   * Whether a row in the page has the same pictures at the same places as it should.
   * @param {number} row
   * @param {LiveRow} live
   */
  #isSame(row, { cells, top, height }) {
    const { starts, tops, heights } = this.rows;
    if (top !== tops[row] || height !== heights[row] || cells.size !== Number(starts[row + 1]) - Number(starts[row])) return false;
    return [...cells.values()].every((cell) => cell.key === this.source.key(cell.index));
  }

  /** @param {number} row */
  #add(row) {
    const [top, height] = [Number(this.rows.tops[row]), Number(this.rows.heights[row])];
    const node = element("div", { class: "grid-row", role: "row", "aria-rowindex": String(row + 1) });
    node.style.transform = `translateY(${top}px)`;
    node.style.height = `${height}px`;
    /** @type {Map<number, GridCell>} */
    const cells = new Map();
    cellsOf(this.rows, row, this.source.aspect, GAP).forEach((place, column) => {
      const cell = new GridCell(place, height, column, this.source);
      cells.set(place.index, cell);
      this.#tell(cell);
      node.append(cell.node);
    });
    this.live.set(row, { node, cells, top, height });
    let next = null; // rows stand in the page in their order, which is the order in which they are read
    for (const [other, { node: its }] of this.live) if (other > row && (next === null || other < next.other)) next = { other, its };
    this.body.insertBefore(node, next?.its ?? null);
  }

  /** @param {GridCell} cell */
  #tell(cell) {
    const { source, options, selection } = this;
    const { index } = cell;
    const selected = options.selected ? selection.has(source.key(index)) : null;
    const name = source.name(index) || t("grid.picture", { n: index + 1, of: source.count });
    cell.tell(name, selected, source.line !== undefined && index >= source.line, source.decorate?.(index) ?? []);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {Element} */ (event.target);
    const cell = /** @type {HTMLElement | null} */ (target.closest("[role=gridcell]"));
    if (!cell) return;
    const index = Number(cell.dataset.index);
    const button = target.closest("button");
    if (button && !button.classList.contains("cell-tick")) return;
    this.current = index;
    if (this.options.selected && event.shiftKey) return this.#selectTo(index);
    this.anchor = index;
    if (this.options.selected && (button || event.ctrlKey || event.metaKey || this.selection.size)) this.toggle(index);
    else this.options.open(index);
  }

  /** @param {number} index */
  #selectTo(index) {
    const [from, to] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
    for (let one = from; one <= to; one++) this.selection.add(this.source.key(one));
    this.#selected();
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const cell = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[role=gridcell]"));
    if (!cell) return;
    this.current = Number(cell.dataset.index);
    for (const { cells } of this.live.values()) for (const one of cells.values()) one.reach(one.index === this.current);
  }

  #listen() {
    /** @type {Record<string, (event: KeyboardEvent) => void>} */
    const actions = {
      "grid.key.open": (event) => this.#press(event, () => this.options.open(this.current)),
      "grid.key.select": (event) => this.#press(event, () => this.options.selected && this.toggle(this.current)),
      "grid.key.clear": () => this.clearSelection(),
    };
    for (const { code, text } of MOVES) actions[text] = () => this.focusOn(this.#moved(code));
    for (const { code, text } of EXTENDING) {
      actions[text] = () => {
        const to = this.#moved(code);
        if (this.options.selected) this.#selectTo(to);
        this.focusOn(to, { anchor: false });
      };
    }
    for (const [text, run] of Object.entries(this.options.actions ?? {})) actions[text] = () => run(this.current);
    keys(this.body, [...GRID_KEYS, ...(this.options.keys ?? [])], actions);
  }

  /** @param {string} code */
  #moved(code) {
    return moved(code, this.current, this.rows, this.source.aspect, { gap: GAP, page: this.#view().height });
  }

  /**
   * A key that is a button's own where the focus is on one.
   * @param {KeyboardEvent} event
   * @param {() => void} run
   */
  #press(event, run) {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button) button.click();
    else run();
  }
}
