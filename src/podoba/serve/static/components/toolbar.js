// Order and export of what a grid shows.

import { element } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/text.js";

/**
 * A field to choose an order.
 * @param {readonly string[]} orders "" is the usual one
 * @param {string} prefix of the keys of their texts; that of "" ends in `usual`
 * @param {(order: string) => void} changed
 */
export function sortField(orders, prefix, changed) {
  const options = orders.map((order) => element("option", { value: order }, t(`${prefix}${order.replace("-", "down_") || "usual"}`)));
  const field = element("select", { on: { change: () => changed(field.value) } }, ...options);
  const node = element("label", { class: "sort" }, element("span", {}, t("finder.sort")), field);
  return { node, show: (/** @type {string} */ order) => (field.value = orders.includes(order) ? order : "") };
}

/**
 * A menu of files to save.
 * @param {() => {format: string, address: string}[]} files
 */
export function exportMenu(files) {
  const list = element("ul", { class: "menu-list" });
  const node = element(
    "details",
    { class: "menu" },
    element("summary", { class: "button" }, icon("download"), element("span", {}, t("finder.export"))),
    list,
  );
  node.addEventListener("toggle", () => {
    const links = files().map(({ format, address }) =>
      element("li", {}, element("a", { href: address, download: "", on: { click: () => (node.open = false) } }, t(`finder.export_${format}`))),
    );
    list.replaceChildren(...(node.open ? links : []));
  });
  node.addEventListener("keydown", (event) => {
    if (event.code !== "Escape" || !node.open) return;
    node.open = false;
    node.querySelector("summary")?.focus();
  });
  document.addEventListener("click", (event) => {
    if (!node.contains(/** @type {Node} */ (event.target))) node.open = false;
  });
  return node;
}
