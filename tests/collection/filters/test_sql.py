"""The filter language against the same conditions in Python."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from podoba.collection.collection import Collection
from podoba.collection.filters.sql import compile_filter
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError, FilterError
from podoba.models.encoder import Encoder
from tests.collection.filters.random_filters import FILTERS, Told, mixed_items, row_of

RIGHT: dict[str, Callable[[Any], bool]] = {
    'label == "cat"': lambda i: i.label == "cat",
    "label == 'it\\'s'": lambda i: i.label == "it's",
    'label != "cat"': lambda i: i.label != "cat",
    "label == null": lambda i: i.label is None,
    "label != None": lambda i: i.label is not None,
    "width > 1000": lambda i: i.width > 1000,
    "1000 < width": lambda i: i.width > 1000,
    "1000 < width <= 3000": lambda i: 1000 < i.width <= 3000,
    "width >= 500.5 and height < 51": lambda i: i.width >= 500.5 and i.height < 51,
    "size <= 1010": lambda i: i.size <= 1010,
    "size > -1": lambda i: True,
    "width == 99999999999999999999999": lambda i: False,
    "not width > 1000": lambda i: not i.width > 1000,
    "not (label == 'cat' or label == 'dog')": lambda i: i.label not in ("cat", "dog"),
    "label in ['cat', 'dog']": lambda i: i.label in ("cat", "dog"),
    "label not in ('cat', 'dog')": lambda i: i.label not in ("cat", "dog"),
    "label in ['cat', null]": lambda i: i.label in ("cat", None),
    "label not in ['cat', null]": lambda i: i.label not in ("cat", None),
    "label in []": lambda i: False,
    "width in [0, 100, 2e2]": lambda i: i.width in (0, 100, 200),
    "'beach' in uri": lambda i: "beach" in i.uri,
    "'beach' not in uri": lambda i: "beach" not in i.uri,
    "'a' in label": lambda i: i.label is not None and "a" in i.label,
    "not 'a' in label": lambda i: not (i.label is not None and "a" in i.label),
    "label < 'd'": lambda i: i.label is not None and i.label < "d",
    "not label < 'd'": lambda i: not (i.label is not None and i.label < "d"),
    "price > 10": lambda i: i.price > 10,
    "attributes.price > 10": lambda i: i.price > 10,
    "attributes['price'] == 1.5": lambda i: i.price == 1.5,
    "city == 'Київ' or price in [1, 2]": lambda i: i.city == "Київ" or i.price in (1, 2),
    "city == null": lambda i: i.city is None,
    "mixed > 10": lambda i: isinstance(i.mixed, int) and i.mixed > 10,
    "mixed < 'z'": lambda i: isinstance(i.mixed, str),
    "mixed == 'ten'": lambda i: i.mixed == "ten",
    "mixed != null": lambda i: i.mixed is not None,
    "'e' in mixed": lambda i: isinstance(i.mixed, str) and "e" in i.mixed,
    "width > height": lambda i: i.width > i.height,
    "  label == 'cat'\n": lambda i: i.label == "cat",
    "label == 'x\\' OR 1=1 --'": lambda i: False,
    "format in {'PNG'}": lambda i: i.format == "PNG",
    "label ~= 'CAT'": lambda i: i.label == "cat",
    "label~='CAT'": lambda i: i.label == "cat",
    "not label ~= 'Cat' and label != null": lambda i: i.label not in ("cat", None),
    "'CaT' ~= label or city ~= 'КИЇВ'": lambda i: i.label == "cat" or i.city == "Київ",
    "mixed ~= 'TEN'": lambda i: i.mixed == "ten",
    "label == '~='": lambda i: False,
    "city == 'Ки\u0456\u0308в'": lambda i: i.city == "Київ",
    "city in ['Ки\u0456\u0308в', 'x']": lambda i: i.city == "Київ",
    "'\u0456\u0308' in city": lambda i: i.city is not None and "ї" in i.city,
}


def facts(item: Item) -> SimpleNamespace:
    values = {name: getattr(item, name) for name in ("id", "uri", "label", "width", "height", "format", "size")}
    return SimpleNamespace(**values | {"price": None, "city": None, "mixed": None} | dict(item.attributes))


@pytest.mark.parametrize("text", RIGHT)
def test_a_filter_chooses_what_python_would(filled: Collection, text: str) -> None:
    expected = [item.id for item in filled.items() if RIGHT[text](facts(item))]
    assert [item.id for item in filled.items(text)] == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lable == 'cat'", r"unknown name 'lable': did you mean label\?"),
        ("prise > 3", r"unknown name 'prise': did you mean price\?"),
        ("attributes.prise > 3", r"did you mean price\?"),
        ("label == cat", r"unknown name 'cat'.*text stands in quotes"),
        ("zzzzzz == 1", r"names: id, uri, label, width, height, format, size, city, mixed, price"),
        ("label = 'cat'", r"not understood \(equality is written ==\)"),
        ("price == true", r"unknown name 'true': write 1 or 0 for what is true or false, or the text in quotes"),
        ("", "not understood"),
        ("label", "'label' is not understood"),
        ("1", "not understood"),
        ("width + 1 > 2", "'width \\+ 1' is not understood"),
        ("__import__('os').system('true')", "not understood"),
        ("label.upper() == 'CAT'", "not understood"),
        ("(lambda: 1)() == 1", "not understood"),
        ("label is null", "not understood"),
        ("label is 'cat'", "not understood"),
        ("width ~= 3", "'width ~= 3': ~= compares a text, in quotes"),
        ("label ~= uri", "'label ~= uri': ~= compares a text, in quotes"),
        ("label ~ = 'cat'", "not understood"),
        ("label ~= 'cat", "not understood"),
        ("label in uri", "not understood"),
        ("'a' in 'abc'", "not understood"),
        ("3 in width", "not understood"),
        ("label in [uri]", "not understood"),
        ("label == b'cat'", "not understood"),
        ("width == 'big'", "compares text with a number"),
        ("label > 3", "compares text with a number"),
        ("width in ['a']", "compares text with a number"),
        ("width > null", "null has no order"),
        ("width > 1e999", "too large"),
        ("width > " + "9" * 400, "too large"),
        ("a\0b == 1", "not understood"),
        ("(" * 500 + "1" + ")" * 500, "not understood"),
        ("not " * 5000 + "label == 'a'", "not understood|parts"),
        (" or ".join(["label == 'a'"] * 400), "use a list"),
        ("label in [" + "'a'," * 20_000 + "]", "use several searches"),
        ("+".join(["width"] * 3000) + " > 1", "not understood"),
    ],
)
def test_what_is_not_understood_is_named(filled: Collection, text: str, says: str) -> None:
    with pytest.raises(CollectionError, match=says) as caught:
        filled.items(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


def test_values_are_bound_and_never_pasted() -> None:
    sql, values = compile_filter("label == \"'; DROP TABLE items\" and price in [1, 'x']", ["price"])
    assert "DROP" not in sql
    assert values == ["'; DROP TABLE items", '$."price"', 1, "x"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_are_found_however_their_letters_are_written(
    tmp_path: Path, encoder: Encoder, item_of: Callable[[int], Item], form: Literal["NFC", "NFD"]
) -> None:
    def written(text: str) -> str:
        return unicodedata.normalize(form, text)

    collection = Collection.open(tmp_path / "names.podoba", create=True)
    collection.claim(encoder, "tiny")
    one, other = item_of(0), item_of(1)
    changed = replace(one, uri=written("/фото/Їжак й ё.jpg"), label=written("Їжак"))
    collection.put([changed, other], np.eye(2, 192, dtype=np.float32))
    for asked in ("NFC", "NFD"):
        name = unicodedata.normalize(asked, "Їжак й")
        word, uri = name.split()[0], f"/фото/{name} ё.jpg"
        asked_for = [
            f"'{name}' in uri",
            f"label == '{word}'",
            f"uri == '{uri}'",
            f"uri in ['{uri}']",
            f"label ~= '{word.upper()}'",
        ]
        for text in (*asked_for, f"uri ~= '{uri.upper()}'"):
            assert [item.id for item in collection.items(text)] == [one.id], text
    assert collection.items("label == 'Їжак'")[0].uri == changed.uri  # the name of the file stays as the system has it


def test_no_filter_lets_everything_through(filled: Collection) -> None:
    assert len(filled.items(None)) == 60


def test_names_of_every_kind(tmp_path: Path, encoder: Encoder, item_of: Callable[[int], Item]) -> None:
    names = [
        "class",
        "unit price",
        'size 5"',
        "a\\b",
        "line\nbreak",
        "it's",
        "a.b",
        "a[0]",
        "cafe\u0301",
        "місто",
        "null",
        "label",
    ]
    collection = Collection.open(tmp_path / "names.podoba", create=True)
    collection.claim(encoder, "tiny")
    items = [replace(item_of(i), attributes=dict.fromkeys(names, i)) for i in range(3)]
    collection.put(items, np.eye(3, 192, dtype=np.float32))
    for name in names:
        assert [item.id for item in collection.items(f"attributes[{name!r}] == 1")] == [items[1].id], name
        assert collection.items(f"attributes[{name!r}] == null") == []
    assert len(collection.items("caf\u00e9 > 0 and місто > 0")) == 2  # however its letters are composed
    with pytest.raises(CollectionError, match=r"write attributes\['class'\] for the attribute class"):
        collection.items("class == 1")


def test_a_text_is_no_number_whatever_it_is_compared_with(
    tmp_path: Path, encoder: Encoder, item_of: Callable[[int], Item]
) -> None:
    collection = Collection.open(tmp_path / "types.podoba", create=True)
    collection.claim(encoder, "tiny")
    item = replace(item_of(1), label="5", attributes={"text": "100", "number": 5})
    collection.put([item], np.eye(1, 192, dtype=np.float32))
    assert item.width == 100
    for text in ("text == width", "width == text", "number == label", "label == number", "'5' in number", "text >= width"):
        assert collection.items(text) == [], text
    assert len(collection.items("text != width and number != label and number < width and text < label")) == 1


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILTERS)
def test_any_filter_chooses_what_python_would(mixed: Collection, expression: tuple[str, Told]) -> None:
    text, told = expression
    expected = [item.id for item in mixed.items() if told(row_of(item))]
    assert [item.id for item in mixed.items(text)] == expected


@pytest.fixture
def mixed(tmp_path: Path, encoder: Encoder, item_of: Callable[[int], Item]) -> Collection:
    """Items whose attributes are of every kind."""
    collection = Collection.open(tmp_path / "mixed.podoba", create=True)
    collection.claim(encoder, "tiny")
    items = mixed_items(item_of)
    collection.put(items, np.eye(len(items), 192, dtype=np.float32))
    return collection


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("label == 'cat' and widht > 3", 19),
        ("  label == 'кіт' and widht > 3", 21),
        ("width > 'wide'", 0),
        ("width > 1 and (height >", 14),
        ("label ~= 'cat' and widht > 3", None),
        ("widht >\n3", None),
    ],
)
def test_an_error_says_at_which_place_it_is(text: str, place: int | None) -> None:
    with pytest.raises(FilterError) as raised:
        compile_filter(text)
    assert raised.value.place == place
