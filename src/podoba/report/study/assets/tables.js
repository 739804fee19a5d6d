// Tables: sorted by a click or Enter on a heading, downloadable as CSV.

const sorted = {};

function plainValue(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "object") return "t" in value ? words(value) : value.m;
  return value;
}

function cell(value, digits, best, first, numeric, mark) {
  if (first) {
    const name = String(plainValue(value) ?? "–");
    return element("th", { scope: "row" }, mark ? element("span", { class: "chip" }, mark(), name) : name);
  }
  if (value === null || value === undefined) return element("td", { class: "number" }, "–");
  if (typeof value === "object" && "m" in value) {
    const text = estimate(value, digits);
    const hint = value.h === null ? t("table.one") : t("table.interval", { low: number(value.l, digits), high: number(value.h, digits), n: value.n });
    return element("td", { class: "number" + (best ? " best" : ""), title: hint }, text.mean, element("span", { class: "half" }, text.half));
  }
  if (typeof value === "number") return element("td", { class: "number" + (best ? " best" : "") }, number(value, digits));
  return element("td", { class: numeric ? "number" : "" }, String(plainValue(value)));
}

function compare(a, b, up) {
  if (a === null || b === null) return (a === null) - (b === null); // what is unknown stands last either way
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), view.language, { numeric: true });
  return up ? order : -order;
}

function heading(column) { return column.title ?? t("column." + column.key); }

/** A table of the data with its caption, a button for CSV, and headings that sort. */
function table(spec, caption, columnNames) {
  const columns = spec.columns.map((column, i) => ({ ...column, i })).filter((column) => !columnNames || columnNames.includes(column.key));
  const box = element("figure", { class: "table", "data-table": spec.name });
  spec.row_digits.forEach((digits, i) => { spec.rows[i].digits = digits; });
  const show = () => {
    const state = sorted[spec.name] || {};
    const rows = [...spec.rows];
    if (state.column !== undefined) {
      rows.sort((a, b) => compare(plainValue(a[state.column]), plainValue(b[state.column]), state.up));
    }
    const tops = Object.fromEntries(columns.filter((column) => column.best).map((column) => {
      const values = rows.map((row) => plainValue(row[column.i])).filter((value) => typeof value === "number");
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return [column.key, values.length > 1 && low < high ? (column.best === "high" ? high : low) : null];
    }));
    const numeric = (column) => rows.some((row) => typeof row[column.i] === "number" || row[column.i]?.m !== undefined);
    const head = columns.map((column) => {
      const order = state.column === column.i ? (state.up ? "ascending" : "descending") : "none";
      const hint = TEXTS[view.language]["quantity." + column.key];
      return element("th", { scope: "col", "aria-sort": order, class: numeric(column) ? "number" : "" }, element("button", {
        type: "button", title: hint ?? null, "data-column": column.key,
        onclick: () => {
          sorted[spec.name] = { column: column.i, up: state.column === column.i ? !state.up : !column.best || column.best === "low" };
          show();
          box.querySelector(`button[data-column="${CSS.escape(column.key)}"]`).focus();
        },
      }, heading(column)));
    });
    const body = rows.map((row) => element("tr", {}, ...columns.map((column, i) =>
      cell(row[column.i], row.digits ?? column.digits ?? null, tops[column.key] !== undefined && plainValue(row[column.i]) === tops[column.key], i === 0, numeric(column), row.mark))));
    const made = element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body));
    box.replaceChildren(
      element("figcaption", {}, caption),
      element("div", { class: "tools" }, element("button", { type: "button", class: "csv", onclick: () => download(spec, columns, rows) }, t("table.csv"))),
      element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, made),
      meanings(columns) ?? "",
    );
  };
  show();
  return box;
}

/** What the columns mean, for those who have no pointer to rest on a heading; null where all speak for themselves. */
function meanings(columns) {
  const explained = columns.filter((column) => TEXTS[view.language]["quantity." + column.key]);
  if (!explained.length) return null;
  return element("details", { class: "meanings" }, element("summary", {}, t("table.meanings")),
    element("dl", {}, ...explained.flatMap((column) => [element("dt", {}, heading(column)), element("dd", {}, t("quantity." + column.key))])));
}

/** The table as it stands, all digits, as a file. */
function download(spec, columns, rows) {
  const wide = columns.map((column) => rows.some((row) => row[column.i]?.m !== undefined));
  const quoted = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  const head = columns.flatMap((column, i) => wide[i] ? ["", "_low", "_high", "_n"].map((end) => column.key + end) : [column.title ?? column.key]);
  const body = rows.map((row) => columns.flatMap((column, i) => {
    const value = row[column.i];
    if (value?.m !== undefined) return [value.m, value.l, value.h, value.n];
    return wide[i] ? [plainValue(value), "", "", ""] : [plainValue(value)];
  }));
  const text = [head, ...body].map((line) => line.map(quoted).join(",")).join("\n") + "\n";
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  element("a", { href: address, download: spec.name + ".csv" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

section("results", (box) => {
  const all = DATA.tables;
  box.append(element("p", {}, t("results.text")));
  if (all.results.rows.length) box.append(table(all.results, t("results.caption")));
  if (all.unfinished.rows.length) box.append(element("p", { class: "warning" }, t("results.unfinished")), table(all.unfinished, t("results.unfinished_caption")));
  if (DATA.published.tables.length) {
    box.append(element("h3", {}, words(DATA.published.heading)), element("p", {}, words(DATA.published.note)));
    for (const { caption, table: spec } of DATA.published.tables) box.append(table(spec, caption));
  }
});
