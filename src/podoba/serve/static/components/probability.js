// From which probability a result counts as similar, and what that means for those above it.

import { element } from "../core/dom.js";
import { percent, t } from "../core/text.js";

/**
 * @typedef {object} Shown
 * @property {boolean} calibrated whether results have probabilities
 * @property {boolean} words whether words are searched for
 * @property {number} p
 * @property {number[]} above probabilities of the results that reach it
 * @property {boolean} whole whether these are all of them
 */

export class Probability {
  /** @param {(p: number) => void} changed */
  constructor(changed) {
    const change = () => changed(Number(this.slider.value) / 100);
    this.value = element("output", { class: "probability-value", for: "probability" });
    this.slider = element("input", { type: "range", id: "probability", min: "0", max: "100", step: "1", on: { input: change }, "aria-describedby": "probability-says" });
    this.says = element("p", { id: "probability-says", class: "probability-says" });
    this.control = element("div", { class: "probability-control" }, element("label", { for: "probability" }, t("finder.at_least")), this.slider, this.value);
    this.node = element("div", { class: "probability" }, this.control, this.says);
  }

  /** @param {Shown} shown */
  show({ calibrated, words, p, above, whole }) {
    this.control.hidden = !calibrated;
    if (!calibrated) {
      this.says.textContent = t(words ? "finder.words_have_scores" : "finder.not_calibrated");
      return;
    }
    this.slider.value = String(Math.round(p * 100));
    this.value.textContent = percent(p);
    this.slider.setAttribute("aria-valuetext", percent(p));
    this.says.textContent = above.length ? sentence(above, whole) : "";
  }
}

/**
 * What the probabilities say of all of them together: their mean is the share that is to be expected.
 * @param {number[]} above
 * @param {boolean} whole
 */
function sentence(above, whole) {
  const share = above.reduce((sum, one) => sum + one, 0) / above.length;
  const tens = Math.round(share * 10);
  const count = t(whole ? "finder.similar" : "finder.similar_or_more", { n: above.length });
  const meaning = share >= 0.95 ? t("finder.nearly_all") : tens < 1 ? t("finder.hardly_any") : t("finder.in_ten", { n: tens });
  return `${count} ${meaning}`;
}
