// The groups of look-alikes as a list: what the map shows, for who cannot see it, and a quick way to its places.

import { element, fill, foreign } from "../../core/dom.js";
import { percent, t } from "../../core/text.js";
import { pictureOf } from "./landmarks.js";

const PICTURES = 4;

/**
 * @param {HTMLElement} node a list
 * @param {string} collection
 * @param {import("./points.js").Cluster[]} clusters
 * @param {number | null} current number of the one that is selected
 * @param {(cluster: import("./points.js").Cluster) => void} choose
 */
export function drawClusters(node, collection, clusters, current, choose) {
  if (node.childElementCount !== clusters.length) {
    fill(node, ...clusters.map((cluster) => element("li", {},
      element("button", { type: "button", class: "map-cluster", dataset: { cluster: String(cluster.number) }, on: { click: () => choose(cluster) } },
        element("span", { class: "map-cluster-pictures" }, ...cluster.items.slice(0, PICTURES).map((item) => lazily(pictureOf(collection, item.number, 96)))),
        element("span", { class: "map-cluster-words" },
          element("strong", {}, t("map.cluster", { number: cluster.number })), " ",
          element("span", { class: "muted" }, t("map.pictures", { n: cluster.size })),
          cluster.label === null ? null : element("span", { class: "map-cluster-label" },
            foreign(cluster.label), " ", element("span", { class: "muted" }, percent(cluster.share))))))));
  }
  for (const button of node.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.cluster) === current));
  }
}

/** @param {HTMLImageElement} picture */
function lazily(picture) {
  picture.loading = "lazy";
  return picture;
}
