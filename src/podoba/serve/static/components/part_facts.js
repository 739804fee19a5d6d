// What is known of the parts of a query beside what the address says: names, sizes, and where their thumbnails are.

import { address, thumbnail } from "../core/api.js";
import { t } from "../core/text.js";

/**
 * @typedef {import("./query.js").Part} Part
 * @typedef {import("./tray.js").PartFacts} PartFacts
 */

export class KnownParts {
  /** @param {string} collection */
  constructor(collection) {
    this.collection = collection;
    /** @type {Map<string, {name: string, width?: number, height?: number}>} */
    this.known = new Map();
  }

  /**
   * @param {Part} part
   * @param {{name?: string | null, width?: number | null, height?: number | null}} facts
   */
  learn(part, { name, width, height }) {
    const size = width && height ? { width, height } : {};
    this.known.set(`${part.kind}:${part.value}`, { ...this.known.get(`${part.kind}:${part.value}`), ...(name ? { name } : { name: this.of(part).name }), ...size });
  }

  /**
   * @param {Part} part
   * @returns {PartFacts}
   */
  of(part) {
    const { kind, value } = part;
    const facts = this.known.get(`${kind}:${value}`) ?? { name: "" };
    const usual = { item: t("finder.an_item"), upload: t("finder.an_upload"), descriptor: t("finder.a_descriptor"), text: value };
    const pictures = { item: thumbnail(this.collection, value, 192), upload: address(`/uploads/${value}/preview?side=384`), descriptor: null, text: null };
    return { ...facts, name: facts.name || usual[kind], thumbnail: pictures[kind] };
  }
}
