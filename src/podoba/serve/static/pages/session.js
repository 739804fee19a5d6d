// Where a browser without a session is sent: it takes the link that the server printed.

import { giveToken, tokenOf } from "../core/api.js";
import { byId, element, fill } from "../core/dom.js";
import { header } from "../core/header.js";
import { icon } from "../core/icons.js";
import { explained } from "../core/problems.js";
import { read } from "../core/state.js";
import { t } from "../core/text.js";

header();

const problem = element("p", { class: "error", id: "problem", role: "alert" });
const field = element("input", {
  id: "link", type: "text", autocomplete: "off", spellcheck: "false", autofocus: true, placeholder: "http://127.0.0.1:8765/#token=…", "aria-describedby": "problem",
});
const form = element("form", { class: "labelled", on: { submit } },
  element("label", { for: "link" }, t("session.link")), field, problem, element("button", { type: "submit", class: "primary" }, t("session.open")));
fill(byId("main"), element("div", { class: "sign-in" }, icon("link"), element("h1", {}, t("session.heading")), element("p", {}, t("session.why")),
  element("p", {}, t("session.how")), form));
field.focus();

/** @param {SubmitEvent} event */
async function submit(event) {
  event.preventDefault();
  const written = field.value.trim();
  problem.textContent = "";
  try {
    if (!written) throw new TypeError(t("session.empty"));
    await giveToken(tokenOf(written) ?? written);
    location.replace(next());
  } catch (error) {
    field.setAttribute("aria-invalid", "true");
    problem.textContent = error instanceof TypeError ? error.message : explained(error);
    field.focus();
  }
}

/** Where the reader wanted to go: on this server alone. */
function next() {
  const wanted = new URL(read().get("next") ?? "/", location.origin);
  return wanted.origin === location.origin && wanted.pathname !== "/session" ? wanted.pathname + wanted.search : "/";
}
