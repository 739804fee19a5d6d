// A picture on its way to the server, as it is: how far it came is told, and it can be stopped.

import { address, get, Problem } from "../core/api.js";
import { explained } from "../core/problems.js";
import { bytes, isolated, t } from "../core/text.js";

/**
 * @typedef {object} Uploaded
 * @property {string} upload sha256
 * @property {string} name
 * @property {number} width
 * @property {number} height
 */

/** @type {Promise<{limits: {upload_bytes: number, k: number}}> | undefined} */
let asked;

/** What the server allows. */
export function session() {
  asked ??= get("/session").catch((error) => {
    asked = undefined; // the next try asks again
    throw error;
  });
  return asked;
}

/**
 * @param {File} file
 * @param {{signal: AbortSignal, progress: (share: number) => void}} options
 * @returns {Promise<Uploaded>} rejects with a `Problem`, or an AbortError where it was stopped
 */
export async function send(file, { signal, progress }) {
  const { limits } = await session();
  signal.throwIfAborted(); // stopped meanwhile: of that no event comes any more
  if (file.size > limits.upload_bytes) throw new Problem(413, "too_large", "", { limit: limits.upload_bytes, size: file.size });
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest(); // fetch() tells nothing of what was sent
    sending.open("POST", address(`/uploads?name=${encodeURIComponent(file.name)}`));
    sending.setRequestHeader("Content-Type", "application/octet-stream");
    sending.responseType = "json";
    sending.upload.addEventListener("progress", (event) => progress(event.loaded / Math.max(1, event.total)));
    sending.addEventListener("load", () => {
      const answer = sending.response ?? {};
      if (sending.status < 300) resolve(answer);
      else reject(new Problem(sending.status, answer.code ?? "refused", answer.detail ?? "", answer));
    });
    sending.addEventListener("error", () => reject(new Problem(0, "unreachable", "the server does not answer")));
    sending.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
    signal.addEventListener("abort", () => sending.abort());
    sending.send(file);
  });
}

/**
 * Why a picture did not arrive, in words.
 * @param {File} file
 * @param {unknown} error
 */
export function refused(file, error) {
  const name = isolated(file.name);
  if (error instanceof Problem && error.code === "too_large") {
    const { limit } = error.more;
    return limit
      ? t("finder.too_large", { name, size: bytes(file.size), limit: bytes(limit) })
      : t("finder.too_large_unknown", { name });
  }
  if (error instanceof Problem && error.code !== "picture_too_large" && (error.status === 415 || error.status === 422)) {
    return t("finder.unreadable", { name });
  }
  return `${name}: ${explained(error)}`;
}
