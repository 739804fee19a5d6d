// The head of every page: which collection one is in, where one can go, language and theme.

import { jobIndicator } from "../components/job_indicator.js";
import { menu, menuLink, separator } from "../components/menu.js";
import { tooltip } from "../components/tooltip.js";
import { get } from "./api.js";
import { byId, element, fill, foreign } from "./dom.js";
import { icon } from "./icons.js";
import { facts, language, remember } from "./page.js";
import { t } from "./text.js";

const OF_A_COLLECTION = /** @type {const} */ (["search", "browse", "map", "duplicates"]);
const OF_ALL = /** @type {const} */ (["models", "studies", "jobs", "help"]);
const OF_NONE = ["/", "/session"];
const KEPT = "podoba-collection"; // the last one that was looked at, for pages that belong to none
const PAGES_OF = "podoba-pages:"; // and its name: the pages that it has, as they were last known

/** @typedef {{name: string, capabilities: string[]}} Collection */

/** Draw the head; `title` is said by the browser's tab. @param {{title?: string}} [options] */
export function header({ title } = {}) {
  if (title) document.title = `${title} – podoba`;
  const inside = location.pathname.startsWith("/c/") && facts.name ? facts.name : null;
  if (inside) sessionStorage.setItem(KEPT, inside);
  const name = inside ?? (OF_NONE.includes(location.pathname) ? null : sessionStorage.getItem(KEPT));
  if (name) served(name).then((one) => { if (one) keepPages(one); else if (!inside) { sessionStorage.removeItem(KEPT); header(); } }, () => null); // the page says what is wrong
  const head = byId("header");
  head.classList.toggle("with-tabs", name !== null);
  fill(head,
    element("a", { class: "brand", href: "/" }, element("img", { src: "/static/icon.svg", alt: "", width: 26, height: 26 }), element("span", {}, "podoba")),
    ...(name === null ? [] : [switcher(name), sections(name)]),
    ...(location.pathname === "/session" ? [] : [jobIndicator()]),
    ...more());
}

/** @param {string} name of a collection @returns {Promise<Collection | undefined>} nothing where none of this name is served any more */
async function served(name) {
  const { collections } = await get("/collections");
  return collections.find((/** @type {Collection} */ one) => one.name === name);
}

/** @param {Collection} collection */
const pagesOf = ({ capabilities }) => OF_A_COLLECTION.filter((page) => capabilities.includes(page));

/** Show the pages that a collection has, and draw these at once the next time. @param {Collection} collection */
function keepPages(collection) {
  const pages = pagesOf(collection);
  sessionStorage.setItem(PAGES_OF + collection.name, pages.join(" "));
  for (const page of OF_A_COLLECTION) {
    const tab = /** @type {HTMLElement | null} */ (document.querySelector(`.sections [data-page="${page}"]`));
    if (tab) tab.hidden = !pages.includes(page);
  }
}

/** @param {string} name of a collection */
function sections(name) {
  const base = `/c/${encodeURIComponent(name)}`;
  const known = sessionStorage.getItem(PAGES_OF + name)?.split(" ");
  return element("nav", { class: "sections", "aria-label": t("shell.collection_pages") }, ...OF_A_COLLECTION.map((page) => {
    const tab = link(`${base}/${page}`, page);
    tab.dataset.page = page;
    tab.hidden = known !== undefined && !known.includes(page);
    return tab;
  }));
}

/** The name of a collection, which opens the list of all. @param {string} name */
function switcher(name) {
  const button = element("button", { type: "button", class: "quiet collection" },
    element("span", { class: "hidden-text" }, t("shell.collection")), foreign(name), icon("chevron"));
  const page = OF_A_COLLECTION.find((one) => location.pathname.endsWith(`/${one}`)) ?? "search";
  menu(button, t("shell.collections"), async () => {
    const { collections } = await get("/collections");
    return [
      ...collections.map((/** @type {Collection} */ one) => menuLink(`/c/${encodeURIComponent(one.name)}/${pagesOf(one).find((its) => its === page) ?? "search"}`,
        { "aria-current": one.name === name ? "true" : null }, foreign(one.name))),
      separator(),
      menuLink("/", {}, t("shell.all_collections")),
    ];
  });
  return button;
}

/** Pages of no collection, language and theme: in the row where it has room, else behind a button. */
function more() {
  const panel = element("div", { class: "more", id: "more" },
    element("nav", { "aria-label": t("shell.pages") }, ...OF_ALL.map((name) => link(`/${name}`, name))),
    languageButton(), themeButton());
  const button = element("button", { type: "button", class: "quiet icon-only open-more", "aria-expanded": "false", "aria-controls": "more" }, icon("menu"));
  /** @param {boolean} open */
  const show = (open) => {
    panel.classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => show(!panel.classList.contains("open")));
  const escape = (/** @type {KeyboardEvent} */ event) => {
    if (event.code !== "Escape" || !panel.classList.contains("open")) return;
    show(false);
    button.focus();
  };
  button.addEventListener("keydown", escape);
  panel.addEventListener("keydown", escape);
  addEventListener("pointerdown", (event) => {
    const target = /** @type {Node} */ (event.target);
    if (!panel.contains(target) && !button.contains(target)) show(false);
  });
  tooltip(button, () => t("shell.menu"));
  return [button, panel];
}

/** @param {string} href @param {typeof OF_A_COLLECTION[number] | typeof OF_ALL[number]} name */
function link(href, name) {
  const here = location.pathname;
  const current = here === href ? "page" : here.startsWith(`${href}/`) ? "true" : null;
  return element("a", { href, "aria-current": current }, icon(name), t(`shell.${name}`));
}

function languageButton() {
  const other = Object.keys(facts.names).find((one) => one !== language) ?? language;
  const change = () => { remember("language", other); location.reload(); };
  return element("button", { type: "button", class: "quiet switch", lang: other, on: { click: change } }, icon("language"), facts.names[other]);
}

function themeButton() {
  const themes = ["auto", "light", "dark"];
  const root = document.documentElement;
  const now = () => t(`shell.theme.${root.dataset.theme}`);
  const label = element("span", { class: "hidden-text" }, now());
  const button = element("button", { type: "button", class: "quiet switch" }, icon("theme"), label);
  button.addEventListener("click", () => {
    const theme = themes[(themes.indexOf(root.dataset.theme ?? "auto") + 1) % themes.length] ?? "auto";
    root.dataset.theme = theme;
    remember("theme", theme);
    label.textContent = now();
  });
  tooltip(button, now);
  return button;
}
