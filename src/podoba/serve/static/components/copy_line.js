// A line to be typed elsewhere, with a button that copies it.

import { toast } from "../core/announce.js";
import { element } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/text.js";

/** @param {string} line */
export function copyLine(line) {
  const code = element("code", { tabindex: "0" }, line);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(line);
      toast(t("welcome.copied"));
    } catch { // not allowed, as by an address without TLS: it is marked, for the keys
      getSelection()?.selectAllChildren(code);
      toast(t("welcome.copy_yourself"));
    }
  };
  return element("div", { class: "copy-line" }, code, element("button", { type: "button", on: { click: copy } }, icon("copy"), t("welcome.copy")));
}
