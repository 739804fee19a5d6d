// All trainings of a study, and why some of them have failed.

import { swatch } from "../charts/scales.js";
import { sortableTable } from "../charts/table.js";
import { t } from "../core/text.js";
import { tableWords } from "./chart_words.js";

/** @param {import("./study_scores.js").Variant[]} rows */
export function trainingsTable(rows) {
  return sortableTable({
    name: "trainings",
    columns: ["variant", "seed", "status", "epochs_done", "reason"].map((key) => ({ key })),
    rows: rows.flatMap((row, place) => row.cells.map((cell) => Object.assign(
      [row.name, cell.seed, statusOf(cell), cell.epochs, cell.reason_withheld ? t("study.reason_withheld") : cell.reason ?? ""],
      { mark: () => swatch(place) }))),
  }, tableWords(t("study.trainings_caption"), "study.score"));
}

/** @param {import("./study_scores.js").Training} cell */
function statusOf(cell) {
  const begun = cell.status === "pending" && cell.epochs > 0;
  return t(begun ? "study.status.begun" : `study.status.${cell.status}`, { n: cell.epochs, of: cell.planned });
}
