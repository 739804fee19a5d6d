// Each claim and each axis of the plan, tested on the numbers of this study.

const SIGNS = { supported: "✓", contradicted: "✗", undecided: "?", "single-seed": "?", untested: "–" };

section("findings", (box) => {
  box.append(element("p", {}, t("findings.text")), note("findings.rule"));
  const counts = {};
  DATA.findings.forEach((finding) => { counts[finding.outcome] = (counts[finding.outcome] || 0) + 1; });
  box.append(element("p", {}, ...Object.entries(counts).flatMap(([outcome, n]) => [element("span", { class: "count" }, badge(outcome), ` × ${n}`), " "])));
  const untested = DATA.findings.filter((finding) => finding.outcome === "untested");
  for (const finding of DATA.findings) if (finding.outcome !== "untested") box.append(claim(finding));
  if (untested.length) box.append(element("details", { class: "untested" }, element("summary", {}, t("findings.untested", { n: untested.length })), ...untested.map(claim)));
  box.append(element("h3", {}, t("findings.axes")));
  if (!DATA.tables.axes.rows.length) { box.append(note("findings.no_axes")); return; }
  const seeds = DATA.tables.axes.columns.findIndex((column) => column.key === "seeds");
  const decisions = DATA.tables.axes.rows.filter((row) => row[seeds] > 1).length;
  box.append(element("p", {}, t("findings.axes_text")), table(DATA.tables.axes, t("findings.axes_caption")), decisions ? note("findings.chance", { n: decisions, by_chance: number(decisions * 0.05, 1) }) : "");
});

function badge(outcome) {
  return element("span", { class: "badge " + outcome }, `${SIGNS[outcome]} ${t("outcome." + outcome)}`);
}

function claim(finding) {
  const made = element("div", { class: "claim " + finding.outcome, "data-claim": finding.claim },
    element("h3", {}, t("claim." + finding.claim)), element("p", {}, badge(finding.outcome)));
  finding.tested.forEach((tested, i) => {
    if (tested.outcome === "untested" && i) return;
    made.append(quantity(finding, tested, i === 0));
  });
  return made;
}

function quantity(finding, tested, first) {
  const words = [
    element("p", {}, element("strong", {}, t(first ? "findings.stands_for" : "findings.also")), " ", t("quantity." + tested.quantity), " ",
      t(finding.against_zero ? "findings.zero_" + tested.claimed : "findings.claimed_" + tested.claimed)),
    element("p", {}, ...result(tested, finding.against_zero), first ? "" : " ", first ? "" : badge(tested.outcome)),
  ];
  const box = element("div", { class: "tested" }, element("div", {}, ...words), interval(tested));
  if (tested.pairs.length > 1) {
    const list = element("ul", {}, ...tested.pairs.map((pair) => element("li", {}, pair.name + ": ", ...result(pair), " ", badge(pair.outcome))));
    return element("div", {}, box, element("details", {}, element("summary", {}, t("findings.pairs", { n: tested.pairs.length, averaged: tested.averaged })), list));
  }
  if (tested.pairs.length === 1) box.firstChild.append(element("p", { class: "note" }, tested.pairs[0].name));
  return box;
}

/** Difference, interval, seeds, and how many seeds would decide, in words. */
function result(tested, zero) {
  if (!tested.estimate) return [t(zero ? "findings.no_value" : "findings.no_pair")];
  const text = estimate(tested.estimate, tested.digits);
  const said = [t("findings.difference") + " ", element("strong", {}, text.mean + text.half), "; ", t("findings.seeds", { n: tested.estimate.n }), "."];
  if (tested.outcome === "undecided") said.push(" ", tested.needed ? t("findings.needed", { n: tested.needed }) : t("findings.needed_unknown"));
  if (tested.outcome === "single-seed") said.push(" ", t("findings.single"));
  return said;
}

/** The difference with its interval, and where zero is. */
function interval(tested) {
  const made = svg("svg", { viewBox: "0 0 240 34", role: "img", "aria-label": t("findings.interval") });
  const value = tested.estimate;
  if (!value) return made;
  const [low, high] = [Math.min(0, value.l ?? value.m), Math.max(0, value.h ?? value.m)];
  const x = (number_) => 10 + ((number_ - low) / (high - low || 1)) * 220;
  made.append(svg("line", { class: "axis", x1: x(0), x2: x(0), y1: 2, y2: 22 }), svg("text", { x: Math.max(8, Math.min(232, x(0))), y: 33, "text-anchor": "middle", style: { "font-size": "10px" } }, "0"));
  const hue = tested.outcome === "supported" ? "var(--c0)" : tested.outcome === "contradicted" ? "var(--c1)" : "var(--soft)";
  made.append(...intervalMark(value, x, 12, hue));
  return made;
}
