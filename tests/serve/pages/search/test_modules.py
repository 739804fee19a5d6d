"""The modules of the search that are functions alone: the state in the address, filters, rows of a grid, changes of a query."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from podoba.collection.filters.sql import compile_filter

SHA = "0123456789abcdef" * 4
Call = Callable[..., Any]


@pytest.fixture(scope="module")
def page(browser: Any, site: Any) -> Iterator[Any]:
    """A page from which modules are loaded."""
    opened = browser.new_page()
    opened.goto(f"{site.address}/session")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def call(page: Any) -> Call:
    """Calls a function of a module below `static/components` in a browser: its name, that of the function, arguments."""

    def run(module: str, function: str, *arguments: Any) -> Any:
        script = """async ([module, name, values]) => {
          const found = await import(`/static/components/${module}.js`);
          const given = (value) => (value?.parameters === undefined ? value : new URLSearchParams(value.parameters));
          return found[name](...values.map(given));
        }"""
        return page.evaluate(script, [module, function, list(arguments)])

    return run


def read(call: Call, **parameters: str) -> Any:
    return call("query", "readState", {"parameters": urlencode(parameters)})


def test_an_empty_address_is_no_query(call: Call) -> None:
    assert read(call) == {"wanted": [], "unwanted": [], "where": "", "p": 0.2, "sort": "", "at": 0, "unknown": []}


def test_an_address_as_a_person_writes_it_is_understood(call: Call) -> None:
    state = read(
        call,
        q=f"id:ab12@.5 | d:AAB_-w | u:{SHA} | text:red car@2",
        box="0:1,2,30,40",
        where="label == 'cat'",
        p="0.35",
        sort="name",
        at="77",
        **{"not": "id:cd34"},
    )
    assert state["wanted"] == [
        {"kind": "item", "value": "ab12", "weight": 0.5, "box": [1, 2, 30, 40]},
        {"kind": "descriptor", "value": "AAB_-w"},
        {"kind": "upload", "value": SHA},
        {"kind": "text", "value": "red car", "weight": 2},
    ]
    assert state["unwanted"] == [{"kind": "item", "value": "cd34"}]
    assert (state["where"], state["p"], state["sort"], state["at"], state["unknown"]) == ("label == 'cat'", 0.35, "name", 77, [])


def test_what_is_written_is_read_again(call: Call) -> None:
    state = {
        "wanted": [
            {"kind": "text", "value": "100% | me@home @ 3%40"},
            {"kind": "upload", "value": SHA, "descriptor": "AAB_-w", "weight": 0.125, "box": [0, 1.5, 2, 3]},
            {"kind": "item", "value": "a|b@2"},
        ],
        "unwanted": [{"kind": "item", "value": "x", "box": [9, 8, 7, 6]}, {"kind": "text", "value": "дощ"}],
        "where": 'place == "Київ" and year >= 2020',
        "p": 0.75,
        "sort": "varied",
        "at": 12,
    }
    written = {name: value for name, value in call("query", "writeState", state).items() if value is not None}
    assert read(call, **written) == {**state, "unknown": []}


def test_what_is_usual_is_not_written(call: Call) -> None:
    state = {"wanted": [{"kind": "item", "value": "a"}], "unwanted": [], "where": "", "p": 0.2, "sort": "", "at": 0}
    written = call("query", "writeState", state)
    assert {name: value for name, value in written.items() if value is not None} == {"q": "id:a"}


@pytest.mark.parametrize(
    ("q", "unknown"),
    [
        ("nonsense", ["nonsense"]),
        ("u:123", ["u:123"]),
        ("d:not base64!", ["d:not base64!"]),
        ("id:a@0", ["id:a@0"]),
        ("text: ", ["text:"]),
        ("id:a | http://x", ["http://x"]),
    ],
)
def test_what_is_not_understood_is_named_and_left_out(call: Call, q: str, unknown: list[str]) -> None:
    state = read(call, q=q)
    assert state["unknown"] == unknown
    assert all(part["value"] == "a" for part in state["wanted"])


@pytest.mark.parametrize("box", ["5:1,2,3,4", "0:1,2,0,4", "0:1,2,3", "0:a,b,c,d", "0:-1,0,2,2", "1:1,2,3,4"])
def test_a_box_of_nothing_is_left_out(call: Call, box: str) -> None:
    state = read(call, q="id:a | text:words", box=box)
    assert state["unknown"] == [box]
    assert "box" not in state["wanted"][0]


@pytest.mark.parametrize(("p", "at"), [("2", "-1"), ("-1", "x"), ("", ""), ("NaN", "1e99")])
def test_numbers_outside_their_range_are_the_usual_ones(call: Call, p: str, at: str) -> None:
    state = read(call, p=p, at=at)
    assert (state["p"], state["at"]) == (0.2, 0)


def test_an_upload_that_is_gone_is_its_descriptor(call: Call) -> None:
    part = {"kind": "upload", "value": SHA, "descriptor": "AAB", "weight": 0.5, "box": [1, 2, 3, 4]}
    assert call("query", "withoutUpload", part) == {"kind": "descriptor", "value": "AAB", "weight": 0.5}
    assert call("query", "withoutUpload", {"kind": "upload", "value": SHA}) is None


FILTERS = [
    ("label == 'cat'", [{"name": "label", "values": ["cat"]}], 'label == "cat"'),
    ('label in ["a", \'b\', null]', [{"name": "label", "values": ["a", "b", None]}], 'label in ["a", "b", null]'),
    ("1 <= width <= 2.5", [{"name": "width", "least": 1, "most": 2.5}], "1 <= width <= 2.5"),
    ("width >= -3", [{"name": "width", "least": -3, "most": None}], "width >= -3"),
    ('attributes["class"] == 3', [{"name": "class", "values": [3]}], 'attributes["class"] == 3'),
    ('"x and y" in uri', [{"text": '"x and y" in uri'}], '"x and y" in uri'),
    ("(a == 1 and b == 2)", [{"text": "(a == 1 and b == 2)"}], "(a == 1 and b == 2)"),
    ("not label == 'x'", [{"text": "not label == 'x'"}], "not label == 'x'"),
    (
        "label == 'x' and width > 3 and year <= 2020",
        [{"name": "label", "values": ["x"]}, {"text": "width > 3"}, {"name": "year", "least": None, "most": 2020}],
        'label == "x" and width > 3 and year <= 2020',
    ),
    ("a == 1 or b == 2 and c == 3", [{"text": "a == 1 or b == 2 and c == 3"}], "a == 1 or b == 2 and c == 3"),
    ("", [], ""),
]  # fmt: skip


@pytest.mark.parametrize(("where", "terms", "written"), FILTERS, ids=[where for where, _, _ in FILTERS])
def test_a_filter_is_read_as_terms_and_written_again(call: Call, where: str, terms: list[Any], written: str) -> None:
    assert call("where", "termsOf", where) == terms
    assert call("where", "whereOf", terms) == written


def test_a_choice_takes_the_place_of_an_earlier_one_and_keeps_what_was_written(call: Call) -> None:
    where = call("where", "choose", "width > 3 or height > 3", "label", ["a"])
    assert where == '(width > 3 or height > 3) and label == "a"'
    where = call("where", "choose", where, "label", ["a", None])
    assert where == '(width > 3 or height > 3) and label in ["a", null]'
    where = call("where", "limit", where, "year", 2020, None)
    assert call("where", "bounds", where, "year") == {"least": 2020, "most": None}
    assert call("where", "chosen", where, "label") == ["a", None]
    assert call("where", "without", where, "year") == '(width > 3 or height > 3) and label in ["a", null]'
    assert call("where", "choose", call("where", "without", where, "year"), "label", []) == "(width > 3 or height > 3)"


@pytest.mark.parametrize("value", ["cat", 'quo"ted', "back\\slash", "it's", "дощ", "line\nbreak", 3, -2.5, None, "1"])
@pytest.mark.parametrize("name", ["kind", "class", "two words", "рік", 'a"b'])
def test_what_a_facet_writes_is_a_filter(call: Call, name: str, value: Any) -> None:
    where = call("where", "choose", "", name, [value, "other"])
    _, bound = compile_filter(where, [name])
    assert [one for one in bound if one in (value, "other")] == [one for one in (value, "other") if one is not None]
    assert call("where", "chosen", where, name) == [value, "other"]


def rows(page: Any, aspects: list[float], **options: Any) -> Any:
    script = """async ([aspects, options]) => {
      const { layOut, cellsOf } = await import("/static/components/justified.js");
      const rows = layOut(aspects.length, (index) => aspects[index], options);
      const cells = Array.from({ length: rows.count }, (_, row) => cellsOf(rows, row, (index) => aspects[index], options.gap));
      return { ...rows, starts: [...rows.starts], tops: [...rows.tops], heights: [...rows.heights], cells };
    }"""
    return page.evaluate(script, [aspects, options])


@pytest.mark.parametrize("width", [330, 900, 1888])
def test_rows_fill_the_width_and_keep_the_order(page: Any, width: int) -> None:
    aspects = [0.7, 1, 1.5, 1.33, 5, 0.1, 1.78] * 30
    laid = rows(page, aspects, width=width, height=180, gap=4)
    assert [cell["index"] for row in laid["cells"] for cell in row] == list(range(len(aspects)))
    for row, height in zip(laid["cells"][:-1], laid["heights"][:-1], strict=True):
        edge = row[-1]["left"] + row[-1]["width"]
        assert edge <= width + 0.01
        assert edge >= width - 0.01 or height >= 180 * 1.59
        assert 90 < height < 290
    bottoms = [top + height for top, height in zip(laid["tops"], laid["heights"], strict=True)]
    assert laid["tops"][1:] == pytest.approx([bottom + 4 for bottom in bottoms[:-1]])
    assert laid["height"] == pytest.approx(bottoms[-1])


def test_a_line_begins_a_row_after_a_gap(page: Any) -> None:
    laid = rows(page, [1.5] * 40, width=900, height=180, gap=4, breakAt=7, breakHeight=60)
    row = laid["starts"].index(7)
    assert laid["gapTop"] == pytest.approx(laid["tops"][row] - 60)
    assert laid["tops"][row] == pytest.approx(laid["tops"][row - 1] + laid["heights"][row - 1] + 4 + 60)


ITEM, OTHER = {"kind": "item", "value": "a"}, {"kind": "item", "value": "b"}
WORDS, SKY = {"kind": "text", "value": "sea"}, {"kind": "text", "value": "sky"}
CHANGES = [
    ("asked", [[OTHER], False], {"wanted": [OTHER], "unwanted": []}),
    ("asked", [[OTHER], True], {"wanted": [ITEM, WORDS, OTHER], "unwanted": []}),
    ("asked", [[SKY], True], {"wanted": [ITEM, SKY], "unwanted": [OTHER]}),
    ("lessLike", [[ITEM]], {"wanted": [WORDS], "unwanted": [OTHER, ITEM]}),
    ("lessLike", [[ITEM, WORDS]], None),
]  # fmt: skip


@pytest.mark.parametrize(("function", "arguments", "expected"), CHANGES)
def test_a_query_changes(call: Call, function: str, arguments: list[Any], expected: Any) -> None:
    assert call("query_edit", function, {"wanted": [ITEM, WORDS], "unwanted": [OTHER]}, *arguments) == expected
