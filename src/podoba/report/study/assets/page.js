// What every section stands on: texts, numbers, elements, and redrawing when language or theme change.

const TEXTS = JSON.parse(document.getElementById("texts").textContent);
const DATA = JSON.parse(document.getElementById("data").textContent);
const SECTIONS = [];
const view = { language: "en", theme: "light" };

function kept(key) {
  try { return localStorage.getItem("podoba-report-" + key); } catch { return null; } // a page from a file may have no store
}
function keep(key, value) {
  try { localStorage.setItem("podoba-report-" + key, value); } catch { /* then it is chosen again at the next visit */ }
}

/** A text of the catalogue in the language of the page; `{name}` is filled from the values. */
function t(key, values) {
  const text = TEXTS[view.language][key];
  if (text === undefined) { console.error("no text " + key); return key; }
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = (values || {})[name];
    return typeof value === "number" && !Number.isInteger(value) ? number(value, 2) : String(value ?? "");
  });
}

/** Words of the catalogue that came with the data: {t: key, v: values}. */
function words(word) { return t(word.t, word.v); }

function number(value, digits) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const places = digits ?? (Number.isInteger(value) ? 0 : 4);
  if (Number(value.toFixed(places)) === 0) value = 0; // there is no zero below zero
  // Four digits and fewer stand without a space between, as both languages print them.
  return new Intl.NumberFormat(view.language, {
    minimumFractionDigits: places, maximumFractionDigits: places, useGrouping: Math.abs(value) >= 10000,
  }).format(value).replace("-", "−");
}

/** Mean and half of its interval as two pieces of text; an estimate is {m, l, h, n}. */
function estimate(value, digits) {
  const half = value.h === null ? null : value.h - value.m;
  return { mean: number(value.m, digits), half: half === null ? "" : " ± " + number(half, digits) };
}

function note(key, values) { return element("p", { class: "note" }, t(key, values)); }
function variantName(place) { return DATA.variants[place].name; }
function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

/** A button that is on or off. */
function toggle(label, on, act, attributes) {
  return element("button", { type: "button", "aria-pressed": String(on), on: { click: act }, ...attributes }, label);
}

/** Buttons of which one is chosen; arrow keys go from one to the next. */
function choice(label, options, chosen, act) {
  const group = element("div", { class: "tools", role: "radiogroup", "aria-label": label });
  group.append(element("span", { class: "label" }, label));
  options.forEach(([value, text], i) => group.append(element("button", {
    type: "button", role: "radio", "aria-checked": String(value === chosen), tabindex: value === chosen ? 0 : -1, "data-value": value,
    on: {
      click: () => act(value),
      keydown: (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (step) { event.preventDefault(); act(options[(i + step + options.length) % options.length][0], true); }
      },
    },
  }, text)));
  return group;
}

/** A list of variants to choose one from. */
function variantList(label, places, chosen, act) {
  const list = element("select", { "aria-label": label, on: { change: (event) => act(Number(event.target.value)) } });
  places.forEach((place, i) => list.append(element("option", { value: i, selected: i === chosen }, variantName(place))));
  return element("label", { class: "tools" }, element("span", { class: "label" }, label), list);
}

/** A section of the page: `draw(box)` fills it, and is called again whenever language or theme change. */
function section(name, draw) { SECTIONS.push({ name, draw }); }
