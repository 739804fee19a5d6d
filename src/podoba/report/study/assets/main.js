// The page around the sections: switches, contents, and redrawing.

function drawSwitches() {
  const next = view.language === "en" ? "uk" : "en";
  document.getElementById("switches").replaceChildren(
    element("button", { type: "button", id: "language", lang: next, on: { click: () => change("language", next) } }, next === "uk" ? "Українською" : "In English"),
    element("button", { type: "button", id: "theme", "aria-pressed": String(view.theme === "dark"), on: { click: () => change("theme", view.theme === "dark" ? "light" : "dark") } }, t(view.theme === "dark" ? "page.light" : "page.dark")),
    element("button", { type: "button", id: "print", on: { click: () => print() } }, t("page.print")),
  );
}

function change(name, value) {
  view[name] = value;
  keep(name, value);
  draw();
  document.getElementById(name).focus();
}

function draw() {
  const root = document.documentElement;
  root.lang = view.language;
  root.dataset.theme = view.theme;
  untip();
  drawSwitches();
  document.querySelectorAll("[data-t]").forEach((one) => { one.textContent = t(one.dataset.t); });
  document.getElementById("title").textContent = DATA.title;
  document.getElementById("description").textContent = DATA.description;
  document.getElementById("contents").setAttribute("aria-label", t("page.contents"));
  document.getElementById("contents").replaceChildren(element("ul", {}, ...SECTIONS.map(({ name }) => element("li", {}, element("a", { href: "#" + name }, t(name + ".short"))))));
  const cells = DATA.variants.flatMap((variant) => variant.cells);
  const count = (status) => cells.filter((cell) => cell.status === status).length;
  const state = [t("page.state", { variants: DATA.variants.length, cells: cells.length, done: count("done") })];
  if (count("failed")) state.push(t("page.failed", { n: count("failed") }));
  if (count("stopped")) state.push(t("page.stopped", { n: count("stopped") }));
  if (count("pending")) state.push(t("page.pending", { n: count("pending") }));
  document.getElementById("state").textContent = state.join(" ");
  document.getElementById("images").textContent = DATA.images ? t("page.images", DATA.images) : "";
  const main = document.getElementById("main");
  const notes = Object.entries(DATA.missing).map(([, reason]) => element("p", { class: "warning" }, t("page.missing", { reason })));
  if (DATA.pictures_full) notes.push(note("page.full"));
  main.replaceChildren(...notes);
  for (const { name, draw: fill } of SECTIONS) {
    const box = element("section", { id: name, "aria-labelledby": name + "-title" }, element("h2", { id: name + "-title" }, t(name + ".title")));
    main.append(box);
    fill(box);
  }
  document.getElementById("foot").textContent = t("page.foot", { version: DATA.version });
}

// A page that shows the report may ask for its own language and theme in the address.
const asked = new URLSearchParams(location.search);
view.language = asked.get("language") ?? kept("language") ?? ((navigator.language || "").toLowerCase().startsWith("uk") ? "uk" : "en");
if (!TEXTS[view.language]) view.language = "en";
view.theme = asked.get("theme") ?? kept("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => { if (kept("theme") === null) { view.theme = event.matches ? "dark" : "light"; draw(); } });

// On paper all is light, and what is folded is open.
let beforePrint = null;
addEventListener("beforeprint", () => {
  beforePrint = view.theme;
  if (view.theme !== "light") { view.theme = "light"; draw(); }
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
});
addEventListener("afterprint", () => { view.theme = beforePrint; beforePrint = null; draw(); });

draw();
