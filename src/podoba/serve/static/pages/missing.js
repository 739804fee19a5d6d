// What is shown at an address where there is nothing.

import { byId, element, fill } from "../core/dom.js";
import { header } from "../core/header.js";
import { icon } from "../core/icons.js";
import { t } from "../core/text.js";

header();
fill(byId("main"), element("div", { class: "sign-in" }, icon("search"), element("h1", {}, t("missing.heading")), element("p", {}, t("missing.how")),
  element("p", {}, element("a", { href: "/" }, t("missing.home")))));
