// Choosing one of the folders that the server may look into.

import { get } from "../core/api.js";
import { say } from "../core/announce.js";
import { element, fill, foreign } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { explained } from "../core/problems.js";
import { t } from "../core/text.js";

/**
 * @typedef {Object} Folder
 * @property {number} root
 * @property {string} path
 * @property {string} name
 * @property {number} pictures
 * @property {number} folders
 */

/**
 * A list of folders, into which one can go, with the way back above it.
 * @param {Folder[]} roots
 * @param {(folder: Folder | null) => void} chosen called with the folder that is open; null: none yet
 */
export function folderPicker(roots, chosen) {
  const way = element("nav", { class: "way", "aria-label": t("welcome.way") });
  const list = element("ul", { class: "folders" });
  const note = element("p", { class: "muted small" });
  const node = element("div", { class: "folder-picker" }, way, list, note);

  /** @param {Folder[]} open the folder that is open, behind those it lies in; empty: none */
  const show = async (open) => {
    const now = open.at(-1);
    let folders = roots, more = 0, current = now ?? null;
    if (now) {
      try {
        const listing = await get(`/folders/${now.root}?path=${encodeURIComponent(now.path)}`);
        ({ folders, more } = listing);
        current = listing.folder;
      } catch (error) {
        fill(note, explained(error));
        say(note.textContent ?? "", { urgent: true });
        return;
      }
    }
    const steps = roots.length > 1 ? [{ name: t("welcome.all_folders"), to: /** @type {Folder[]} */ ([]) }] : [];
    const path = [...steps, ...open.map((folder, row) => ({ name: folder.name, to: open.slice(0, row + 1) }))];
    fill(way, ...path.flatMap((step, row) => [
      ...(row ? [element("span", { class: "muted", "aria-hidden": "true" }, "/")] : []),
      row === path.length - 1
        ? element("span", { "aria-current": "true", tabindex: "-1" }, foreign(step.name))
        : element("button", { type: "button", class: "quiet", on: { click: () => go(step.to) } }, foreign(step.name)),
    ]));
    fill(list, ...folders.map((folder) => element("li", {},
      element("button", { type: "button", class: "quiet folder", on: { click: () => go([...open, folder]) } },
        icon("folder"), element("span", { class: "folder-name" }, foreign(folder.name)), element("span", { class: "muted small" }, contents(folder))))));
    fill(note, more ? t("welcome.more_folders", { n: more }) : current && !folders.length ? t("welcome.no_folders") : "");
    chosen(current);
  };
  /** @param {Folder[]} open */
  const go = async (open) => {
    await show(open);
    const here = /** @type {HTMLElement | null} */ (way.querySelector("[aria-current]"));
    here?.focus();
  };
  show(roots.length === 1 ? roots : []);
  return node;
}

/** How many pictures and folders lie in a folder. @param {Folder} folder */
export function contents(folder) {
  const parts = [];
  if (folder.pictures) parts.push(t("welcome.pictures", { n: folder.pictures }));
  if (folder.folders) parts.push(t("welcome.folders", { n: folder.folders }));
  return parts.length ? parts.join(" · ") : t("welcome.nothing_in_it");
}
