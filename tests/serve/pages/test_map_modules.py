"""The modules of the map that only compute: what lies inside an area, pixels, landmarks, views, the state in the address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.slow
Run = Callable[[str], Any]
POINTS = """
const { pointsOf } = await load("points");
const random = (seed) => () => (seed = (seed * 48271) % 2147483647) / 2147483647;
const pointsAt = (places) => {
  const n = places.length;
  const data = new ArrayBuffer(4 + 8 * n);
  new Uint32Array(data, 0, 1)[0] = n;
  new Uint32Array(data, 4, n).set(places.map((_, i) => i + 1));
  new Uint16Array(data, 4 + 4 * n, n).set(places.map(([x]) => x));
  new Uint16Array(data, 4 + 6 * n, n).set(places.map(([, y]) => y));
  return pointsOf(data);
};
"""


@pytest.fixture(scope="module")
def run(browser: Any, site: Any) -> Iterator[Run]:
    """Runs a script that may `load` modules of `static/components/map`, and gives what it returns."""
    page = browser.new_page()
    page.goto(f"{site.address}/session")
    yield lambda script: page.evaluate(
        f"async () => {{ const load = (name) => import(`/static/components/map/${{name}}.js`);\n{POINTS}\n{script} }}"
    )
    page.close()


def test_what_lies_inside_is_exact_for_any_polygon(run: Run) -> None:
    found = run("""
      const { inside, contains } = await load("lasso");
      const next = random(7);
      const checked = [];
      for (let round = 0; round < 12; round++) {
        const size = [40, 400, 60000][round % 3];
        const [left, top] = [next() * 2000, next() * 2000];
        const place = () => [left, top].map((from) => Math.min(65535, Math.round(from + next() * size)));
        const polygon = Array.from({ length: 3 + Math.floor(next() * 30) }, place);
        const places = Array.from({ length: 4000 }, place);
        const { selected, count } = inside(pointsAt(places), polygon);
        const wrong = places.filter(([x, y], i) => contains(polygon, x, y) !== (selected[i] === 1)).length;
        checked.push([wrong, count, selected.reduce((a, b) => a + b, 0)]);
      }
      return checked;
    """)
    assert all(wrong == 0 for wrong, _, _ in found)
    assert all(count == total for _, count, total in found)
    assert sum(count for _, count, _ in found) > 4000  # not nothing at all


def test_a_lasso_of_two_corners_encloses_nothing_and_a_flat_one_neither(run: Run) -> None:
    assert run("""
      const { inside } = await load("lasso");
      const points = pointsAt([[5, 5], [6, 5]]);
      return [[[0, 0], [9, 9]], [[0, 5], [9, 5], [4, 5]]].map((polygon) => inside(points, polygon).count);
    """) == [0, 0]


def test_pixels_are_of_their_points_and_what_stands_back_hides_nothing(run: Run) -> None:
    found = run("""
      const { draw, pixelOf } = await load("raster");
      const colours = Uint32Array.from(["#000000", "#ff0000", "#00ff00"], pixelOf);
      const look = { colours, shown: Uint8Array.of(1, 1, 0), faded: pixelOf("#dddddd"), background: pixelOf("#ffffff") };
      const view = { x: 32768, y: 32768, scale: 100 / 65536, width: 100, height: 100 };
      const shades = (count, selected) => {
        const pixels = new Uint32Array(10000);
        const far = Array.from({ length: count }, () => [65535, 65535]);
        const places = [[32768, 32768], [32768, 32768], [59000, 6600], ...far];
        draw(pixels, view, pointsAt(places), Uint16Array.from([1, 2, 2, ...Array(count).fill(1)]), selected, look, 3);
        const channel = (at) => [pixels[at] & 255, (pixels[at] >>> 8) & 255, (pixels[at] >>> 16) & 255];
        return [channel(50 * 100 + 50), channel(10 * 100 + 90), channel(50 * 100 + 10)];
      };
      return [shades(0, null), shades(200000, null), shades(0, Uint8Array.of(0, 1, 1))];
    """)
    for middle, corner, empty in found[:2]:  # as discs, and as single pixels
        assert middle[0] > 200
        assert middle[0] > middle[1] + 100
        assert corner[0] == corner[1] == corner[2] < 255
        assert empty == [255, 255, 255]
    assert found[2][0][0] == found[2][0][1]  # not selected: it stands back too


def test_landmarks_do_not_overlap_and_stay_as_one_comes_nearer(run: Run) -> None:
    found = run("""
      const { landmarksIn } = await load("find");
      const { whole, zoomed, toWindow } = await load("view");
      const next = random(3);
      const places = Array.from({ length: 3000 }, () => [Math.floor(next() * 65535), Math.floor(next() * 65535)]);
      const points = pointsAt(places);
      const order = places.map((_, i) => i);
      const far = whole(800, 600);
      const near = zoomed(far, 2);
      const [first, second] = [far, near].map((view) => landmarksIn(view, points, () => true, order, 80, 40));
      const gaps = (view, chosen) => Math.min(...chosen.flatMap((i, k) => chosen.slice(k + 1).map((j) => {
        const [a, b] = [i, j].map((one) => toWindow(view, points.xs[one], points.ys[one]));
        return Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]));
      })));
      const seen = first.filter((i) => {
        const [x, y] = toWindow(near, points.xs[i], points.ys[i]);
        return x >= 40 && y >= 40 && x <= 760 && y <= 560;
      });
      const lost = seen.filter((i) => !second.includes(i)).length;
      return { gaps: [gaps(far, first), gaps(near, second)], counts: [first.length, second.length], lost, seen: seen.length };
    """)
    assert min(found["gaps"]) >= 80
    assert min(found["counts"]) >= 10
    assert found["seen"] > 3
    assert found["lost"] == 0


def test_a_zoom_keeps_what_is_under_the_pointer_and_the_address_gives_the_view_back(run: Run) -> None:
    found = run("""
      const { whole, zoomed, panned, toMap, written, fromText, resized, zoomOf } = await load("view");
      const start = whole(800, 600);
      const near = zoomed(start, 5, 300, 200);
      const again = fromText(written(near), 800, 600);
      const out = zoomed(near, 0.001);
      return {
        moved: [0, 1].map((axis) => Math.abs(toMap(start, 300, 200)[axis] - toMap(near, 300, 200)[axis])),
        again: [Math.abs(again.x - near.x), Math.abs(again.y - near.y), Math.abs(zoomOf(again) - 5)],
        whole: [written(start), zoomOf(out), zoomOf(resized(near, 400, 900))],
        inside: panned(near, 1e9, -1e9),
        wrong: ["", "a,b,c", "1,2", "1,2,-3", null].map((text) => zoomOf(fromText(text, 800, 600))),
      };
    """)
    assert max(found["moved"]) < 1e-6
    assert max(found["again"]) < 1
    assert found["whole"][0] is None
    assert found["whole"][1:] == [1, pytest.approx(5)]
    assert (found["inside"]["x"], found["inside"]["y"]) == (0, 65536)
    assert found["wrong"] == [1, 1, 1, 1, 1]


def test_the_address_says_what_is_shown(run: Run) -> None:
    found = run("""
      const { readMapState, writeMapState, rounded } = await load("map_state");
      const selection = rounded({ polygon: [[1.4, 2.6], [30, 4], [5, 60]] });
      const state = { layout: "umap", by: "year", chosen: [2, 0], at: "1,2,3.50", selection };
      const text = new URLSearchParams(Object.entries(writeMapState(state)).filter(([, value]) => value !== null));
      const ring = rounded({ polygon: Array.from({ length: 500 }, (_, i) => [i, i * i]) }).polygon;
      const read = (text) => readMapState(new URLSearchParams(text));
      return {
        state, back: readMapState(text), ring: ring.length, group: read("group=3").selection,
        wrong: read("layout=tsne&area=1,2&only=a,b&group=x"),
      };
    """)
    assert found["back"] == found["state"]
    assert found["ring"] == 64
    assert found["group"] == {"cluster": 3}
    assert found["wrong"] == {"layout": None, "by": None, "chosen": [], "at": None, "selection": None}


def test_colours_are_told_apart_and_chosen_values_get_the_first(run: Run) -> None:
    found = run("""
      const { coloursOf } = await load("palette");
      const entries = Array.from({ length: 20 }, (_, i) => ({ value: `v${i}`, count: 1 }));
      const legend = { by: "label", kind: "values", entries, others: 0, missing: 0 };
      const numbers = { ...legend, kind: "numbers", entries: entries.slice(0, 8) };
      return ["light", "dark"].map((theme) => [
        coloursOf(legend, new Set(), theme), coloursOf(legend, new Set([17]), theme), coloursOf(numbers, new Set(), theme),
      ]);
    """)
    for values, chosen, numbers in found:
        assert len(set(values[1:11])) == 10
        assert set(values[11:21]) == {values[11]}
        assert chosen[17] == values[1]
        assert len(set(numbers[1:9])) == 8
