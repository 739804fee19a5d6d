"""Filters as expressions of Milvus choose what SQL chooses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from podoba.collection.collection import Collection
from podoba.collection.storage.items import Item
from podoba.errors import FilterError
from podoba.scale.vectors.dialect import Choice, choose, quoted
from podoba.scale.vectors.open import create_vectors
from tests.collection.filters.random_filters import FILTERS, Told, mixed_items
from tests.scale.servers.milvus import MilvusProcess
from tests.scale.vectors.conftest import QUICK, make_item, make_model, new_name, unit

NAMES = ["one", "two", '3 "', "", "a\nb", "х/~\\.'", "price"]
HARD = [
    "label == '\\' or number > 0 or uri == \\''",
    "label == '\" or number > 0 or uri == \"'",
    "one == '\\\\'",
    "one == '\\x01'",
    "attributes['3 \"'] == 5",
    "attributes['a\\nb'] == 1",
    "attributes[''] == 1",
    'attributes["х/~\\\\.\'"] == 1',
    "attributes[''] == null",
    "not attributes['a\\nb'] == 1",
    "label in ['\\n', '\\t', '\"', '\\U0001F600', '\\uffff']",
    "label == '\\U0001F600'",
    "label >= '\\uffff'",
    "one < 9007199254740993.0",
    "one > 4611686018427387903",
    "one == 4611686018427387904",
    "width < 2.5",
    "width >= -1.5",
    "width == 2.0",
    "width == 2.5",
    "width > 1e300",
    "width < 1e300",
    "not width > -1e300",
    "width in [1, 2.0, 2.5, 1e300]",
    "size == 9223372036854775807",
    "1 == 1",
    "1 == 2",
    "null == null",
    "not null != null",
    "uri == '/photos/й.jpg'",
    "uri > '/photos/00050'",
    "uri < one",
    "not uri < '/photos/00050.jpg'",
    "'bad' in uri",
    "width < one",
    "id == 'zz' or id != 'zz'",
    "format != 'JPEG'",
    "label == null or one == null",
    "label != null and label < 'b'",
    "one == two",
    "one in [1, 5.0, '5', null]",
    "one not in ['5', 5]",
    "label not in ['a', null]",
    "one ~= 'AB'",
    "not one ~= 'AB'",
    "label ~= 'z'",
]


def test_what_is_said_exactly_and_what_is_compared_again() -> None:
    assert choose(None, [], "no") == Choice("")
    assert choose("width > 2.5 and label == 'a'", [], "no") == Choice('(width > 2) and ((has_label == true) and (label == "a"))')
    assert choose("width == 2.5", [], "no") == Choice("no")
    assert choose("width < 1e30", [], "no") == Choice("")
    contains = choose("'beach' in uri and width > 5", [], "no")
    assert contains.expression == "(width > 5)"
    assert contains.rest is not None
    negated = choose("not ('beach' in label or width > 5)", [], "no")
    assert negated.expression == "not ((width > 5))"
    assert negated.rest is not None
    with pytest.raises(FilterError, match="did you mean price"):
        choose("prise > 1", ["price"], "no")


@given(st.text())
def test_a_text_never_ends_its_quotes(text: str) -> None:
    written = quoted(text)
    assert written.isascii()
    assert written.isprintable()
    inside = written[1:-1].replace("\\\\", "")
    assert '"' not in inside.replace('\\"', "")


@pytest.fixture(scope="module")
def items() -> list[Item]:
    made = mixed_items(make_item)
    made = [replace(item, uri=f"/photos/{row:05d}.jpg") for row, item in enumerate(made)]
    made[1] = make_item(1, uri="/photos/bad\udcff.jpg", attributes={"one": "\x01", "": 1})
    made[2] = make_item(2, uri="/photos/и\u0306.jpg", label="\U0001f600", attributes={"a\nb": 1, "two": None})
    made[3] = make_item(3, label="\uffff", attributes={"х/~\\.'": 1, "one": 2**62 - 1})
    made[4] = make_item(4, label="", attributes={"one": 2**53 + 1})
    made[5] = make_item(5, label="\n", attributes={"one": 2.0**53, "price": -0.0})
    made[6] = make_item(6, label='"', format="PNG", attributes={"one": '" or number > 0 or uri == "'})
    return made


@pytest.mark.scale
def test_any_filter_chooses_what_sql_does(milvus_server: MilvusProcess, items: list[Item], tmp_path: Path) -> None:
    asked: list[str] = []

    @settings(max_examples=100, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(FILTERS)
    def collect(expression: tuple[str, Told]) -> None:
        asked.append(expression[0])

    collect()
    file = Collection.open(tmp_path / "file.podoba", create=True)
    file.claim(make_model(), "tiny")
    file.put(items, unit(len(items)))
    with file, create_vectors(new_name(milvus_server), make_model(), "tiny", settings=QUICK) as vectors:
        vectors.store.put(items, unit(len(items)))
        quick = replace(QUICK, settling=0.0, consistency="Eventually")
        assert len(vectors.store.items.numbers()) == len(items)  # they are seen from here on
        vectors.store.remote.settings = quick
        known = {number: item.id for number, item in vectors.store.items.of_numbers(vectors.store.items.numbers()).items()}
        names = set(file.store.items.attribute_names())
        differing = []
        for text in dict.fromkeys([*HARD, *asked]):
            if "price" in text and "price" not in names:
                continue
            chosen = {known[number] for number in vectors.store.items.numbers(text).tolist()}
            expected = {item.id for item in file.items(text)}
            if chosen != expected:
                differing.append((text, choose(text, names, "no"), sorted(chosen ^ expected)))
        assert not differing
