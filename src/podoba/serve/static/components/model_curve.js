// The curve of a calibrated model: from the similarity of two pictures to the chance that they are of one kind.

import { lineChart } from "../charts/lines.js";
import { element } from "../core/dom.js";
import { percent, t } from "../core/text.js";
import { fixed } from "./chart_words.js";

const WIDEST = 460, NARROWEST = 270, HEIGHT = 240, AROUND = 66; // pixels; what is around it in a narrow window

/** @param {[number, number][]} curve similarities, rising evenly, and their probabilities */
export function calibrationChart(curve) {
  const readout = element("p", { class: "readout", "aria-live": "polite" });
  const step = (curve[1]?.[0] ?? 1) - (curve[0]?.[0] ?? 0);
  const { picture, moveTo } = lineChart({
    width: Math.max(NARROWEST, Math.min(WIDEST, innerWidth - AROUND)), height: HEIGHT, number: fixed, step,
    label: t("models.curve_label"),
    across: { low: 0, high: 1, wanted: 6, title: t("models.similarity") },
    up: { low: 0, high: 1, wanted: 5, title: t("models.chance") },
    lines: [{ points: curve, place: 0 }],
    read: (at) => {
      const [similarity, chance] = curve[Math.round(at / step)] ?? curve[0] ?? [0, 0];
      readout.textContent = t("models.reading", { similarity: fixed(similarity, 2), probability: percent(chance) });
    },
  });
  const half = curve.find(([, chance]) => chance >= 0.5);
  moveTo(half ? half[0] : 1);
  return element("div", {}, picture, readout);
}
