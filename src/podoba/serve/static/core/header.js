// The head of every page: where one is, where one can go, language and theme.

import { byId, element, foreign } from "./dom.js";
import { icon } from "./icons.js";
import { facts, language, remember } from "./page.js";
import { t } from "./text.js";

const OF_A_COLLECTION = /** @type {const} */ (["search", "browse", "map", "duplicates"]);
const OF_ALL = /** @type {const} */ (["models", "studies", "jobs", "help"]);

/** Draw the head; `title` is said by the browser's tab. @param {{title?: string}} [options] */
export function header({ title } = {}) {
  if (title) document.title = `${title} – podoba`;
  const inCollection = location.pathname.startsWith("/c/") && facts.name;
  const base = inCollection ? `/c/${encodeURIComponent(String(facts.name))}` : "";
  byId("header").replaceChildren(
    element("a", { class: "brand", href: "/" }, "podoba"),
    ...(inCollection ? [element("span", { class: "collection-name" }, foreign(String(facts.name)))] : []),
    element("nav", { "aria-label": t("shell.pages") },
      ...(inCollection ? OF_A_COLLECTION.map((name) => link(`${base}/${name}`, t(`shell.${name}`))) : []),
      ...OF_ALL.map((name) => link(`/${name}`, t(`shell.${name}`)))),
    element("div", { class: "switches" }, languageButton(), themeButton()),
  );
}

/** @param {string} href @param {string} text */
function link(href, text) {
  return element("a", { href, "aria-current": location.pathname === href ? "page" : null }, text);
}

function languageButton() {
  const other = Object.keys(facts.names).find((one) => one !== language) ?? language;
  const change = () => { remember("language", other); location.reload(); };
  return element("button", { type: "button", class: "quiet", lang: other, on: { click: change } }, icon("language"), facts.names[other]);
}

function themeButton() {
  const themes = ["auto", "light", "dark"];
  const root = document.documentElement;
  const label = element("span", { class: "hidden-text" });
  const button = element("button", { type: "button", class: "quiet" }, icon("theme"), label);
  const show = () => { label.textContent = t(`shell.theme.${root.dataset.theme}`); button.title = label.textContent; };
  button.addEventListener("click", () => {
    const theme = themes[(themes.indexOf(root.dataset.theme ?? "auto") + 1) % themes.length] ?? "auto";
    root.dataset.theme = theme;
    remember("theme", theme);
    show();
  });
  show();
  return button;
}
