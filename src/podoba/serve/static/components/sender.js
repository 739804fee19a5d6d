// Pictures on their way into a query: shown in the tray while they are sent, and why one did not arrive.

import { element } from "../core/dom.js";
import { t } from "../core/text.js";
import { refused, send } from "./upload.js";

const MOST = 10; // pictures of one query: more say less
const AT_ONCE = 2;

export class Sender {
  /** @param {import("./tray.js").Tray} tray */
  constructor(tray) {
    this.tray = tray;
    this.list = element("ul", {});
    this.errors = element("div", { class: "field-errors", role: "alert" }, this.list);
  }

  /**
   * @param {File[]} files
   * @returns {Promise<import("./upload.js").Uploaded[]>} those that arrived, in their order
   */
  async send(files) {
    this.list.replaceChildren();
    if (files.length > MOST) this.#explain(t("finder.too_many", { n: MOST }));
    const waiting = files.slice(0, MOST).map((file, place) => ({ file, place }));
    /** @type {(import("./upload.js").Uploaded | null)[]} */
    const arrived = waiting.map(() => null);
    const cards = waiting.map(({ file }) => {
      const stop = new AbortController();
      return { ...this.tray.add(file, () => stop.abort()), signal: stop.signal };
    });
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const card = /** @type {(typeof cards)[number]} */ (cards[next.place]);
        arrived[next.place] = await this.#one(next.file, card);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return arrived.flatMap((one) => (one ? [one] : []));
  }

  /**
   * @param {File} file
   * @param {{signal: AbortSignal, progress: (share: number) => void, done: () => void}} card
   */
  async #one(file, { signal, progress, done }) {
    try {
      signal.throwIfAborted();
      return await send(file, { signal, progress });
    } catch (error) {
      if (/** @type {Error} */ (error).name !== "AbortError") this.#explain(refused(file, error));
      return null;
    } finally {
      done();
    }
  }

  /** @param {string} text */
  #explain(text) {
    this.list.append(element("li", {}, text));
  }
}
