from __future__ import annotations

import pytest

from podoba.serve.library.places import short, told


@pytest.mark.parametrize(
    "text",
    [
        "/home/anna/runs/first: damaged",
        "could not read ~/photos/a.jpg",
        r"C:\photos\a.jpg: damaged",
        "damaged: 'runs/study/cells/0f/checkpoint.pt'",
        "(/srv/models is gone)",
        r"\\server\share\a",
    ],
)
def test_a_sentence_that_names_a_place_is_told_only_where_places_are_shown(text: str) -> None:
    assert told(text, show_paths=False) is None
    assert told(text, show_paths=True) == text


@pytest.mark.parametrize("text", ["the loss is no longer a number", "3 images/s", "Recipe: recipes/photo. Not good at faces."])
def test_a_sentence_without_a_place_is_told(text: str) -> None:
    assert told(text, show_paths=False) == text


def test_nothing_stays_nothing() -> None:
    assert told(None, show_paths=True) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/home/anna/photos", "photos"),
        ("~/photos/", "photos"),
        (r"D:\photos\holidays", "holidays"),
        ("timm/resnet50", "timm/resnet50"),
        ("hf:owner/model", "hf:owner/model"),
        ("photos", "photos"),
        ("/", "/"),
    ],
)
def test_of_an_absolute_place_the_last_part_is_told(name: str, expected: str) -> None:
    assert short(name, show_paths=False) == expected
    assert short(name, show_paths=True) == name
