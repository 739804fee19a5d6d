// The API: every request carries the cookie of the session, which the token of the printed link is given for.

const API = "/api/v1";

/** An error that the server explains (RFC 9457). */
export class Problem extends Error {
  /** @param {number} status @param {string} code @param {string} detail @param {Record<string, any>} [more] */
  constructor(status, code, detail, more = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.more = more;
  }
}

const ready = signIn(tokenOf(location.hash));

/** The token of a printed link, or of what of it was copied; null where there is none. @param {string} link */
export function tokenOf(link) {
  return /#(?:.*&)?token=([^&\s]+)/.exec(link)?.[1] ?? null;
}

/** @param {string | null} token */
async function signIn(token) {
  if (token === null) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  await giveToken(token).catch(() => null); // the next request says what is wrong, and that there is no session
}

/** Start a session. Throws `Problem` where the token is not of this server. @param {string} token */
export async function giveToken(token) {
  await send("/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }) });
}

/**
 * One request; throws `Problem`, also where no server answers (code `unreachable`).
 * @param {string} path behind the prefix
 * @param {RequestInit} [options]
 */
export async function request(path, options = {}) {
  await ready;
  try {
    return await send(path, options);
  } catch (error) {
    if (error instanceof Problem && error.status === 401 && location.pathname !== "/session") {
      location.replace(`/session?next=${encodeURIComponent(location.pathname + location.search)}`);
    }
    throw error;
  }
}

/** @param {string} path @param {RequestInit} options */
async function send(path, options) {
  let response;
  try {
    response = await fetch(API + path, options);
  } catch (error) {
    if (/** @type {Error} */ (error).name === "AbortError") throw error;
    throw new Problem(0, "unreachable", "the server does not answer");
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  throw new Problem(response.status, body.code ?? "refused", body.detail ?? response.statusText, body);
}

/** @param {string} path @param {{signal?: AbortSignal}} [options] @returns {Promise<any>} */
export async function get(path, options = {}) {
  return (await request(path, options)).json();
}

/** What a page can do without: null where it is not answered, of which nothing is said. @param {string} path @returns {Promise<any>} */
export async function getQuietly(path) {
  await ready;
  return send(path, {}).then((response) => response.json(), () => null);
}

/** @param {string} path @param {unknown} [body] @param {{signal?: AbortSignal}} [options] @returns {Promise<any>} null where nothing is answered */
export async function post(path, body = {}, options = {}) {
  const headers = { "Content-Type": "application/json" };
  const response = await request(path, { method: "POST", headers, body: JSON.stringify(body), ...options });
  return response.status === 204 ? null : response.json();
}

/** @param {string} path @param {{signal?: AbortSignal}} [options] @returns {Promise<ArrayBuffer>} */
export async function binary(path, options = {}) {
  return (await request(path, options)).arrayBuffer();
}

/**
 * Send a picture.
 * @param {Blob} file
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<Api.UploadAnswer>}
 */
export async function upload(file, options = {}) {
  const name = file instanceof File ? file.name : "";
  const headers = { "Content-Type": "application/octet-stream" };
  return (await request(`/uploads?name=${encodeURIComponent(name)}`, { method: "POST", headers, body: file, ...options })).json();
}

/** The address of a collection in the API. @param {string} name */
export function collectionPath(name) {
  return `/collections/${encodeURIComponent(name)}`;
}

/** The address of an item's thumbnail. @param {string} collection @param {string} id @param {96 | 192 | 384} side pixels of the longer side */
export function thumbnail(collection, id, side) {
  return `${API}${collectionPath(collection)}/items/${encodeURIComponent(id)}/thumbnail?side=${side}`;
}

/** The address of something behind the prefix, for `src` and `href`. @param {string} path */
export function address(path) {
  return API + path;
}
