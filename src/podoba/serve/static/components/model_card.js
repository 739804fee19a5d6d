// A model as a card: what it is, what it was made of, how good and how fast it is, and what its probabilities mean.

import { intervalMark } from "../charts/intervals.js";
import { post } from "../core/api.js";
import { element, foreign, svg } from "../core/dom.js";
import { explained } from "../core/problems.js";
import { bytes, number, percent, t } from "../core/text.js";
import { fixed } from "./chart_words.js";
import { calibrationChart } from "./model_curve.js";

/**
 * @typedef {{name: string, value: number, low: number | null, high: number | null}} Metric
 * @typedef {{name: string, images: number | null, classes: number | null, licence: string | null}} TrainingData
 *
 * @typedef {object} Model as `GET /models` gives it
 * @property {string} name
 * @property {"bundled" | "published" | "own"} origin
 * @property {string[]} collections
 * @property {boolean} here
 * @property {string | null} path
 * @property {number | null} bytes
 * @property {number} dim
 * @property {string} version
 * @property {string} backbone
 * @property {string | null} loss
 * @property {string} precision
 * @property {string} created
 * @property {{size: number, fit: "crop" | "stretch" | "pad"}} pixels
 * @property {boolean} words
 * @property {string | null} languages
 * @property {string | null} good_for
 * @property {string | null} licence
 * @property {string | null} source
 * @property {TrainingData[]} training_data
 * @property {Metric[]} metrics
 * @property {[number, number][] | null} curve
 * @property {string} notes
 */

const ERROR = "expected calibration error";

/** @param {Model} model */
export function modelCard(model) {
  const id = `model-${model.name}`;
  return element("article", { class: "card model", "aria-labelledby": id },
    element("div", { class: "card-head" }, element("h2", { id }, foreign(model.name)), element("span", { class: "state" }, t(`models.origin.${model.origin}`))),
    model.collections.length > 0 && element("p", {}, t("models.used"), " ", ...model.collections.flatMap((name, i) => [
      i ? ", " : "", element("a", { href: `/c/${encodeURIComponent(name)}/search` }, foreign(name))])),
    !model.here && element("p", { class: "warning" }, t("models.missing")),
    element("div", { class: "model-parts" },
      element("section", {}, facts(model), speed(model)),
      element("section", {}, element("h3", {}, t("models.probability")), ...probability(model)),
      element("section", {}, element("h3", {}, t("models.metrics")), ...metrics(model.metrics.filter((metric) => metric.name !== ERROR)))));
}

/** @param {Model} model */
function facts(model) {
  /** @type {[string, Node | string | null][]} */
  const rows = [
    [t("models.good_for"), model.good_for && english(model.good_for)],
    [t("models.descriptor"), t("models.numbers", { n: model.dim })],
    [t("models.picture"), t(`models.fit.${model.pixels.fit}`, { size: model.pixels.size })],
    [t("models.words"), model.words ? model.languages ? english(model.languages) : t("models.words.yes") : t("models.words.no")],
    [t("models.network"), english(model.backbone)],
    [t("models.loss"), model.loss && english(model.loss)],
    [t("models.size"), model.bytes === null ? null : t("models.precision", { bytes: bytes(model.bytes), precision: model.precision })],
    [t("models.version"), model.created ? t("models.version_of", { version: model.version, created: model.created }) : model.version],
    [t("models.licence"), model.licence ? english(model.licence) : t("models.unknown")],
    [t("models.source"), model.source && english(model.source)],
    [t("models.training"), model.training_data.length ? element("ul", {}, ...model.training_data.map(trainedOn)) : t("models.unknown")],
    [t("models.path"), model.path && foreign(model.path)],
    [t("models.notes"), model.notes && english(model.notes)],
  ];
  return element("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => value ? [element("dt", {}, name), element("dd", {}, value)] : []));
}

/** What the maker of a model wrote, which is English for the most part. @param {string} text */
function english(text) {
  return element("bdi", { lang: "en" }, text);
}

/** @param {TrainingData} data */
function trainedOn(data) {
  const counts = [data.images && t("models.images", { n: data.images }), data.classes && t("models.classes", { n: data.classes })].filter(Boolean).join(", ");
  return element("li", {}, english(data.name), counts && `: ${counts}`, data.licence && element("div", { class: "muted" }, english(data.licence)));
}

/** @param {Model} model */
function probability(model) {
  if (!model.curve) return [element("p", {}, t("models.uncalibrated"))];
  const error = model.metrics.find((metric) => metric.name === ERROR);
  return [
    element("p", {}, t("models.probability_text"), " ", error ? t("models.error", { share: percent(error.value) }) : ""),
    calibrationChart(model.curve),
    element("p", { class: "muted" }, t("models.curve_note")),
  ];
}

/** @param {Metric[]} shown */
function metrics(shown) {
  if (!shown.length) return [element("p", {}, t("models.no_metrics"))];
  const x = (/** @type {number} */ value) => `${(100 * Math.max(0, Math.min(1, value))).toFixed(2)}%`;
  return [
    element("ul", { class: "metrics" }, ...shown.map((metric) => element("li", {}, english(metric.name),
      svg("svg", { class: "metric", height: 20, "aria-hidden": "true" },
        svg("line", { class: "grid", x1: 0, x2: "100%", y1: 10, y2: 10 }),
        ...intervalMark({ m: metric.value, l: metric.low, h: metric.high, n: 1 }, x, 10, "var(--c0)")),
      element("span", { class: "score-value" }, fixed(metric.value, 3),
        metric.low === null || metric.high === null ? "" : element("span", { class: "muted" }, ` ${fixed(metric.low, 3)}–${fixed(metric.high, 3)}`))))),
    element("p", { class: "muted" }, t("models.metrics_note")),
  ];
}

/** @param {Model} model */
function speed(model) {
  const answer = element("p", { role: "status" });
  const measure = async () => {
    button.disabled = true;
    answer.textContent = t("models.measuring");
    try {
      const found = await post("/models/speed", { model: model.name });
      answer.textContent = [t("models.alone", { n: number(found.milliseconds_alone, 1) }), t("models.per_second", { n: Math.round(found.pictures_per_second) }),
        t("models.open", { n: number(found.open_seconds, 2) })].join(" · ");
    } catch (error) {
      answer.textContent = explained(error);
    }
    button.disabled = false;
  };
  const button = element("button", { type: "button", disabled: !model.here, on: { click: measure } }, t("models.speed"));
  return element("div", { class: "speed" }, button, answer);
}
