// What a copy is to the picture that is kept, and why that one is, in the reader's words.

import { foreign } from "../../core/dom.js";
import { number, percent, rich, t } from "../../core/text.js";

/** @typedef {{code: string, share?: number, similarity?: number, width?: number, height?: number, camera?: string, format?: string, text?: string}} Fact */

const SHOWN_ANYWAY = ["size", "format"]; // beside every picture

/**
 * One line a fact.
 * @param {Fact[]} facts
 * @returns {(Node | string)[][]}
 */
export function reasons(facts) {
  return facts.filter((fact) => !SHOWN_ANYWAY.includes(fact.code)).map((fact) => rich(`duplicates.fact.${fact.code}`, {
    share: percent(fact.share ?? 0), similarity: number(fact.similarity ?? 0, 3),
    size: t("duplicates.pixels", { width: fact.width ?? 0, height: fact.height ?? 0 }), format: fact.format ?? "",
    camera: foreign(fact.camera ?? ""), text: foreign(fact.text ?? ""),
  }));
}
