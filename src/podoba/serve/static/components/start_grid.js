// Before anything is searched for: the collection's own pictures, each a query by a click.

import { element } from "../core/dom.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";
import { Catalogue } from "./catalogue.js";
import { FirstItems } from "./first_items.js";
import { Grid } from "./grid.js";

export class StartGrid {
  /**
   * @param {string} collection
   * @param {boolean} whole whether all its pictures can be listed
   * @param {(item: import("./catalogue.js").CatalogueItem) => void} chosen
   */
  constructor(collection, whole, chosen) {
    this.catalogue = whole ? new Catalogue(collection, () => this.grid.refresh()) : new FirstItems(collection);
    this.grid = new Grid({
      label: t("search.start_from"),
      open: (index) => void this.catalogue.item(index).then(chosen, (error) => this.#fail(error)),
    });
    this.fault = element("p", { role: "alert" });
    this.node = element("section", { class: "start" }, element("h2", {}, t("search.start_from")), this.fault, this.grid.node);
    this.loaded = false;
  }

  /** Read the pictures the first time they are shown. */
  async show() {
    if (this.loaded) return;
    this.loaded = true;
    try {
      await this.catalogue.load({});
      this.grid.show(this.catalogue.source());
    } catch (error) {
      this.loaded = false;
      this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.fault.textContent = explained(error);
  }
}
