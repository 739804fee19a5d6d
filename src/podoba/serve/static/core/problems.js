// Problems of the server in the reader's words.

import { Problem } from "./api.js";
import { bytes, hasText, t } from "./text.js";

/** A sentence that says what went wrong. @param {unknown} error */
export function explained(error) {
  if (!(error instanceof Problem)) {
    console.error(error);
    return t("problems.page");
  }
  const key = `problems.${error.code}`;
  const { limit } = error.more;
  return hasText(key) ? t(key, typeof limit === "number" ? { ...error.more, limit: bytes(limit) } : error.more) : error.message;
}
