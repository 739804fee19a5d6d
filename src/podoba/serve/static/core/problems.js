// Problems of the server in the reader's words.

import { Problem } from "./api.js";
import { hasText, t } from "./text.js";

/** A sentence that says what went wrong. @param {unknown} error */
export function explained(error) {
  if (!(error instanceof Problem)) return t("problems.fault");
  const key = `problems.${error.code}`;
  return hasText(key) ? t(key, error.more) : error.message;
}
