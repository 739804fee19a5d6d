// Moving what was decided to go: what exactly will happen, and back again.

import { collectionPath, get, post } from "../../core/api.js";
import { element, fill, foreign } from "../../core/dom.js";
import { icon } from "../../core/icons.js";
import { explained } from "../../core/problems.js";
import { bytes, rich, t } from "../../core/text.js";
import { dialog } from "../dialog.js";
import { follow } from "./progress.js";

/**
 * @param {string} collection
 * @param {() => void} ended called when files were moved, or put back
 */
export async function showMoving(collection, ended) {
  const path = `${collectionPath(collection)}/duplicates/move`;
  const content = element("div", { class: "moving" });
  const shown = dialog(t("duplicates.move"), content);
  try {
    draw(await get(path));
  } catch (error) {
    fail(error);
  }

  /** @param {{folder: string | null, groups: number, pictures: number, bytes: number, token: string, moved: number}} plan */
  function draw(plan) {
    const folder = foreign(plan.folder ?? "");
    const move = element("button", { type: "button", class: "primary", on: { click: () => run(path, { token: plan.token }) } },
      icon("folder"), t("duplicates.move.now", { n: plan.pictures }));
    const back = element("button", { type: "button", on: { click: () => run(`${path}/undo`, {}) } }, icon("undo"), t("duplicates.move.back", { n: plan.moved }));
    fill(content,
      ...(plan.folder === null ? [element("p", {}, t("problems.no_place"))] : plan.pictures ? [
        element("p", { class: "lead" }, ...rich("duplicates.move.what", { n: plan.pictures, bytes: bytes(plan.bytes), folder })),
        element("ul", {}, ...["nothing_deleted", "checked", "companions", "list"].map((name) => element("li", {}, t(`duplicates.move.${name}`)))),
      ] : [element("p", {}, t("duplicates.move.nothing"))]),
      plan.moved ? element("p", {}, t("duplicates.move.moved", { n: plan.moved })) : "",
      element("footer", {}, ...(plan.moved ? [back] : []),
        element("button", { type: "button", on: { click: shown.close } }, t(plan.pictures || plan.moved ? "duplicates.cancel" : "shell.close")),
        ...(plan.pictures && plan.folder !== null ? [move] : [])));
  }

  /** @param {string} to @param {unknown} body */
  async function run(to, body) {
    const progress = element("div", {});
    fill(content, progress);
    try {
      const job = await follow(progress, await post(to, body));
      const { moved, back, left } = job.result ?? {};
      fill(content,
        element("p", { class: "lead", role: "status" }, job.state !== "done" ? t("duplicates.move.failed")
          : back === undefined ? t("duplicates.move.done", { n: moved }) : t("duplicates.move.returned", { n: back })),
        left ? element("p", {}, t("duplicates.move.left", { n: left })) : "",
        element("footer", {}, element("button", { type: "button", class: "primary", on: { click: shown.close } }, t("shell.close"))));
      ended();
    } catch (error) {
      fail(error);
    }
  }

  /** @param {unknown} error */
  function fail(error) {
    fill(content, element("p", { class: "error", role: "alert" }, explained(error)));
  }
}
