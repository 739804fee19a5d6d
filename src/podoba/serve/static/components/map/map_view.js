// The page of a map: its surface, what stands beside it, and what the address says of it.

import { say } from "../../core/announce.js";
import { element, fill } from "../../core/dom.js";
import { explained } from "../../core/problems.js";
import { changed, read, write } from "../../core/state.js";
import { t } from "../../core/text.js";
import { Catalogue } from "../catalogue.js";
import { ByKeys } from "./by_keys.js";
import { Card } from "./card.js";
import { drawClusters } from "./clusters.js";
import { boxOfMost } from "./find.js";
import { Landmarks } from "./landmarks.js";
import { inside } from "./lasso.js";
import { Layouts } from "./layouts.js";
import { drawLegend, nameOf } from "./legend.js";
import { coloursOf, lookOf, seenTheme } from "./palette.js";
import { loadClusters, loadCodes, loadLandmarks, loadLegend, loadPoints, loadState } from "./points.js";
import { readMapState, rounded, writeMapState } from "./map_state.js";
import { Selection } from "./selection.js";
import { Surface } from "./surface.js";
import { Toolbar } from "./toolbar.js";
import { framed, fromText, written } from "./view.js";

const BUILT_IN = ["format", "width", "height", "size"];

export class MapView {
  /** @param {string} collection @param {{labels: boolean, attributes: string[]}} about */
  constructor(collection, about) {
    this.collection = collection;
    this.about = about;
    this.state = readMapState(read());
    this.catalogue = new Catalogue(collection, () => undefined);
    /** @type {import("./points.js").Points | null} */
    this.points = null;
    /** @type {import("./points.js").Legend | null} */
    this.legend = null;
    /** @type {Uint16Array} */
    this.codes = new Uint16Array();
    /** @type {Uint16Array | null} */
    this.clusterCodes = null;
    /** @type {import("./points.js").Cluster[]} */
    this.clusters = [];
    /** @type {Uint8Array | null} */
    this.selected = null;
    this.window = element("div", { class: "map-window", tabindex: "0", role: "application", "aria-label": t("map.surface"), "aria-describedby": "map-help" });
    this.frame = element("div", { class: "map-frame" }, this.window);
    this.waiting = element("p", { class: "map-waiting", role: "status" }, t("map.loading"));
    this.by = element("select", { id: "map-by", on: { change: () => this.go({ by: this.by.value, chosen: [] }) } }, ...this.options());
    this.legendNode = element("div", {});
    this.clusterList = element("ol", { class: "map-clusters" });
    this.drawer = element("section", { class: "map-selection", "aria-label": t("map.selection"), hidden: true });
    const layouts = element("div", {});
    this.node = element("div", { class: "map-page" },
      element("h1", { class: "hidden-text" }, t("map.title")),
      element("div", { class: "map-main" },
        element("p", { id: "map-help", class: "hidden-text" }, t("map.help")), this.frame, this.drawer),
      element("aside", { class: "map-side", "aria-label": t("map.side") },
        layouts,
        element("section", {}, element("h2", {}, element("label", { for: "map-by" }, t("map.colour"))), this.by, this.legendNode),
        element("section", {}, element("h2", {}, t("map.clusters")), element("p", { class: "muted map-note" }, t("map.clusters_note")), this.clusterList)));
    this.layouts = new Layouts(layouts, this.collection, { choose: (layout) => void this.go({ layout, selection: null }), made: () => { this.stale = true; void this.go({ layout: "umap" }); } });
    this.surface = new Surface(this.window, {
      moved: (view, settled) => this.moved(view, settled),
      hovered: (i) => this.hovered(i),
      chosen: (i) => (i < 0 ? this.card.hide() : void this.card.show(this.surface, i, true)),
      enclosed: (polygon) => void this.go({ selection: { polygon } }, true),
      modeChanged: () => this.toolbar?.update(),
    });
    this.landmarks = new Landmarks(this.window, this.collection);
    this.card = new Card(this.frame, this.catalogue, () => this.window.focus());
    this.toolbar = new Toolbar(this.frame, this.surface, this.landmarks);
    this.frame.append(this.waiting);
    this.selection = new Selection(this.drawer, this.catalogue, {
      close: () => { void this.go({ selection: null }); this.window.focus(); },
      open: (number) => this.open(number),
    });
    new ByKeys(this);
    changed(() => void this.restore());
    new MutationObserver(() => this.draw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  options() {
    const names = [...(this.about.labels ? ["label"] : []), "cluster", ...BUILT_IN];
    const attributes = this.about.attributes.map((name) => [names.includes(name) || name === "label" ? `attributes.${name}` : name, name]);
    return [...names.map((name) => [name, t(`map.by.${name}`)]), ...attributes].map(([value, text]) => element("option", { value }, text ?? ""));
  }

  /** Show what the address says, for the first time. */
  async start() {
    await this.restore();
    await this.layouts.resume().catch(() => undefined); // the map is there without its progress too
  }

  /** Show what the address says. */
  async restore() {
    this.state = readMapState(read());
    this.surface.resize(); // what the address says is of the window as it is
    this.surface.view = fromText(this.state.at, this.surface.view.width, this.surface.view.height);
    await this.load();
  }

  /** Show something else, and say so in the address. @param {Partial<import("./map_state.js").MapState>} changes @param {boolean} [push] */
  async go(changes, push = false) {
    Object.assign(this.state, changes);
    this.state.selection = rounded(this.state.selection);
    write(writeMapState(this.state), { push });
    await this.load();
  }

  /** Read what is wanted and not there yet. */
  async load() {
    try {
      const { layout } = this.state;
      if (!this.made || this.made.layout !== layout || this.stale) {
        this.waiting.hidden = false;
        this.made = await loadState(this.collection, layout);
        const shown = this.made.layout;
        const [points, order] = await Promise.all([loadPoints(this.collection, shown), loadLandmarks(this.collection, shown)]);
        this.points = points;
        this.landmarks.setOrder(order);
        this.state.layout = shown;
        this.loadedBy = null;
        this.clusterCodes = null;
        this.stale = false;
      }
      this.layouts.show(this.made);
      const by = this.state.by ?? (this.about.labels ? "label" : "cluster");
      if (this.loadedBy !== by) {
        [this.codes, this.legend] = await Promise.all([loadCodes(this.collection, this.state.layout ?? "pca", by), loadLegend(this.collection, by)]);
        this.loadedBy = by;
      }
      this.by.value = by;
      await this.select();
      this.waiting.hidden = true;
      this.draw();
      if (this.clusters.length) return;
      this.clusters = await loadClusters(this.collection);
      this.draw();
    } catch (error) {
      this.waiting.hidden = false;
      fill(this.waiting, explained(error), " ", element("button", { type: "button", on: { click: () => { this.stale = true; void this.load(); } } }, t("map.again")));
    }
  }

  /** @type {import("./layouts.js").State | null} */
  made = null;
  /** @type {string | null} */
  loadedBy = null;
  stale = false;
  /** @type {string} what was selected last, as the address has it */
  selectedAs = "";

  /** Select what the address says. */
  async select() {
    const { selection } = this.state;
    const { points } = this;
    if (!points) return;
    const as = JSON.stringify([selection, this.state.layout]);
    if (as === this.selectedAs) return;
    this.selectedAs = as;
    this.surface.outline = selection?.polygon ?? [];
    if (!selection) {
      this.selected = null;
      this.selection.hide();
      return;
    }
    let name = t("map.enclosed");
    if (selection.cluster) {
      this.clusterCodes ??= await loadCodes(this.collection, this.state.layout ?? "pca", "cluster");
      const wanted = selection.cluster;
      this.selected = Uint8Array.from(this.clusterCodes, (code) => (code === wanted ? 1 : 0));
      name = t("map.cluster", { number: wanted });
    } else this.selected = inside(points, selection.polygon ?? []).selected;
    const numbers = points.numbers.filter((_, i) => this.selected?.[i] === 1);
    void this.selection.show(numbers, name);
    say(t("map.chosen", { name, n: numbers.length }));
  }

  draw() {
    const { points, legend } = this;
    if (!points || !legend) return;
    const chosen = new Set(this.state.chosen);
    const theme = seenTheme();
    const clusterLabel = (/** @type {number} */ i) => this.clusters[i - 1]?.label ?? null;
    this.surface.show({ points, codes: this.codes, look: lookOf(legend, chosen, theme), selected: this.selected });
    drawLegend(this.legendNode, {
      legend, colours: coloursOf(legend, chosen, theme), chosen, clusterLabel,
      choose: (next) => {
        void this.go({ chosen: [...next] });
        say([...next].map((code) => nameOf(legend, code, clusterLabel).text).join(", ") || t("map.legend.all_shown"));
      },
    });
    drawClusters(this.clusterList, this.collection, this.clusters, this.state.selection?.cluster ?? null, (cluster) => void this.showCluster(cluster));
  }

  /** @param {import("./points.js").Cluster} cluster */
  async showCluster(cluster) {
    if (this.state.selection?.cluster === cluster.number) return this.go({ selection: null });
    await this.go({ selection: { cluster: cluster.number } }, true);
    await nextFrame(); // the drawer takes its room
    const box = this.points && this.selected && boxOfMost(this.points, this.selected);
    if (box) this.surface.move(framed(this.surface.view, box));
    return undefined;
  }

  /** @param {import("./view.js").View} view @param {boolean} settled */
  moved(view, settled) {
    this.landmarks.place(this.surface, settled);
    this.card.place(this.surface);
    if (!settled || this.state.at === written(view)) return;
    this.state.at = written(view);
    write(writeMapState(this.state));
  }

  /** @param {number} i */
  hovered(i) {
    if (this.card.kept) return;
    if (i < 0) this.card.hide();
    else if (i !== this.card.current) void this.card.show(this.surface, i, false);
  }

  /** Show a picture of the selection on the map. @param {number} number */
  open(number) {
    const i = this.points?.numbers.indexOf(number) ?? -1;
    if (i < 0) return;
    this.surface.crosshair = false;
    void this.card.show(this.surface, i, true);
  }
}

/** When the page was laid out again, and what follows from it was done. @returns {Promise<void>} */
function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
}
