// Lines over two axes, with a cursor that goes by pointer and by keys.

import { svg } from "./elements.js";
import { seriesColour, seriesDash, ticks } from "./scales.js";

/**
 * @typedef {object} Line
 * @property {[number, number][]} points from left to right
 * @property {number} place of its series: what gives it its colour
 * @property {boolean} [thin] beside a thick one of the same series
 * @property {[number, number]} [mark] a point of it that is ringed
 * @property {Record<string, string | number>} [facts] `data-...` of its path
 *
 * @typedef {object} Axis
 * @property {number} low
 * @property {number} high
 * @property {number} wanted about how many numbers stand along it
 * @property {string} title
 * @property {boolean} [whole] its numbers have no fractions
 *
 * @typedef {object} LineChart
 * @property {number} width of the picture, in pixels
 * @property {number} height
 * @property {string} label what a screen reader says of it
 * @property {Line[]} lines
 * @property {Axis} across its cursor goes by `step`
 * @property {Axis & {log?: boolean}} up of a logarithmic axis `low` and `high` are powers of ten
 * @property {number} step
 * @property {(value: number, digits: number) => string} number
 * @property {(at: number) => void} read called with where the cursor is
 */

const LEFT = 62, RIGHT = 14, TOP = 12, BOTTOM = 42;
const LEAP = 5; // steps of PageUp and PageDown

/**
 * The picture, and what puts its cursor somewhere.
 * @param {LineChart} chart
 * @returns {{picture: SVGElement, moveTo: (at: number) => void}}
 */
export function lineChart(chart) {
  const { width, height, across, up, lines, number } = chart;
  const x = (/** @type {number} */ value) => LEFT + ((value - across.low) / (across.high - across.low || 1)) * (width - LEFT - RIGHT);
  const y = (/** @type {number} */ put) => TOP + ((up.high - put) / (up.high - up.low)) * (height - TOP - BOTTOM);
  const put = (/** @type {number} */ value) => (up.log ? Math.log10(value) : value);
  const picture = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: "img", "aria-label": chart.label });
  const rising = ticks(up.low, up.high, up.wanted, up.whole);
  for (const value of rising.values) {
    const shown = up.log ? number(10 ** value, Math.max(0, 2 - Math.floor(value))) : number(value, rising.digits);
    picture.append(svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
      svg("text", { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, shown));
  }
  const along = ticks(across.low, across.high, across.wanted, across.whole);
  for (const value of along.values) {
    picture.append(svg("text", { x: x(value), y: height - BOTTOM + 18, "text-anchor": "middle" }, number(value, along.digits)));
  }
  const middle = (TOP + height - BOTTOM) / 2;
  picture.append(svg("path", { class: "axis", d: `M${LEFT},${TOP}V${height - BOTTOM}H${width - RIGHT}` }),
    svg("text", { x: (LEFT + width - RIGHT) / 2, y: height - 6, "text-anchor": "middle" }, across.title),
    svg("text", { x: 14, y: middle, "text-anchor": "middle", transform: `rotate(-90 14 ${middle})` }, up.title));
  for (const line of lines) {
    const points = line.points.filter(([, value]) => !up.log || value > 0);
    if (!points.length) continue;
    const facts = Object.fromEntries(Object.entries(line.facts ?? {}).map(([name, value]) => ["data-" + name, value]));
    picture.append(svg("path", {
      class: "line", ...facts, fill: "none", style: { stroke: seriesColour(line.place) }, "stroke-width": line.thin ? 1.1 : 2.1,
      "stroke-opacity": line.thin ? 0.65 : 1, "stroke-dasharray": seriesDash(line.place),
      d: points.map(([at, value], i) => (i ? "L" : "M") + x(at).toFixed(1) + "," + y(put(value)).toFixed(1)).join(""),
    }));
    if (line.mark && (!up.log || line.mark[1] > 0)) {
      picture.append(svg("circle", {
        class: "best", cx: x(line.mark[0]), cy: y(put(line.mark[1])), r: 4.5, fill: "var(--paper)", "stroke-width": 2,
        style: { stroke: seriesColour(line.place) },
      }));
    }
  }
  const cursor = svg("line", { class: "axis", y1: TOP, y2: height - BOTTOM, visibility: "hidden", "stroke-dasharray": "3 3" });
  picture.append(cursor);
  /** @type {number | null} */
  let place = null;
  const moveTo = (/** @type {number} */ at) => {
    place = Math.max(across.low, Math.min(across.high, at));
    cursor.setAttribute("x1", String(x(place)));
    cursor.setAttribute("x2", String(x(place)));
    cursor.setAttribute("visibility", "visible");
    chart.read(place);
  };
  picture.addEventListener("pointermove", (event) => {
    const area = picture.getBoundingClientRect();
    const at = ((event.clientX - area.left) / area.width) * width;
    moveTo(across.low + chart.step * Math.round((((at - LEFT) / (width - LEFT - RIGHT)) * (across.high - across.low)) / chart.step));
  });
  picture.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1, PageUp: LEAP, PageDown: -LEAP }[event.key];
    if (steps) moveTo((place ?? (steps > 0 ? across.low - chart.step : across.high + chart.step)) + steps * chart.step);
    else if (event.key === "Home" || event.key === "End") moveTo(event.key === "Home" ? across.low : across.high);
    else return;
    event.preventDefault();
  });
  return { picture, moveTo };
}
