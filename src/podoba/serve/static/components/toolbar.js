// Order and export of what a grid shows.

import { element } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/text.js";

/**
 * A field to choose an order.
 * @param {readonly (readonly [string, string])[]} orders each as the address has it, "" is the usual one; and what it is called
 * @param {(order: string) => void} changed
 */
export function sortField(orders, changed) {
  const options = orders.map(([order, name]) => element("option", { value: order }, name));
  const field = element("select", { on: { change: () => changed(field.value) } }, ...options);
  const node = element("label", { class: "sort", title: t("finder.sort") }, element("span", { class: "hidden-text" }, t("finder.sort")), field);
  return { node, show: (/** @type {string} */ order) => (field.value = orders.some(([one]) => one === order) ? order : "") };
}

/**
 * A menu of files to save.
 * @param {() => {format: string, address: string}[]} files
 */
export function exportMenu(files) {
  const list = element("ul", { class: "export-list" });
  const node = element(
    "details",
    { class: "export" },
    element("summary", { class: "button" }, icon("download"), element("span", {}, t("finder.export"))),
    list,
  );
  node.addEventListener("toggle", () => {
    const links = files().map(({ format, address }) =>
      element("li", {}, element("a", { href: address, download: "", on: { click: () => (node.open = false) } }, t(`finder.export_${format}`))),
    );
    list.replaceChildren(...(node.open ? links : []));
  });
  node.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.code !== "Escape" || !node.open) return;
    node.open = false;
    node.querySelector("summary")?.focus();
  });
  document.addEventListener("click", (event) => {
    if (!node.contains(/** @type {Node} */ (event.target))) node.open = false;
  });
  return node;
}
