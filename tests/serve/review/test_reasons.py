"""Reasons as facts."""

from __future__ import annotations

import pytest

from podoba.serve.review.groups import REMAINING
from podoba.serve.review.reasons import COPY, KEPT, facts_of
from podoba.serve.texts import LANGUAGES, texts_of


@pytest.mark.parametrize(
    ("reason", "facts"),
    [
        ("identical bytes", [{"code": "identical"}]),
        (
            "same picture, 120x90, JPEG",
            [{"code": "same"}, {"code": "size", "width": 120, "height": 90}, {"code": "format", "format": "JPEG"}],
        ),
        ("mirrored and turned left", [{"code": "mirrored"}, {"code": "turned_left"}]),
        ("upside down, MPO", [{"code": "upside_down"}, {"code": "format", "format": "MPO"}]),
        (
            "edited: 93% of it is the same, other colours, mirrored",
            [{"code": "edited", "share": 0.93}, {"code": "colours"}, {"code": "mirrored"}],
        ),
        ("shows more: the kept one is a part: 50% of it", [{"code": "whole", "share": 0.5}]),
        ("a part: 7% of it; kept too: in a reference folder", [{"code": "part", "share": 0.07}, {"code": "reference"}]),
        ("similarity 0.987", [{"code": "near", "similarity": 0.987}]),
        ("kept: as the camera wrote it (Canon, EOS 5D)", [{"code": "camera", "camera": "Canon, EOS 5D"}]),
        ("kept: most detail, 240x180", [{"code": "detail", "width": 240, "height": 180}]),
        ("kept: lossless PNG", [{"code": "lossless", "format": "PNG"}]),
        (REMAINING, [{"code": "remaining"}]),
        ("kept: newest", [{"code": "said", "text": "newest"}]),
    ],
)  # fmt: skip
def test_the_sentences_become_facts(reason: str, facts: list[dict[str, object]]) -> None:
    assert facts_of(reason) == facts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_has_its_sentence_in_every_language(language: str) -> None:
    texts = texts_of(language, "duplicates")
    codes = {*KEPT.values(), *COPY.values(), "said"} - {"size", "format"}  # these are shown beside every picture
    assert sorted(code for code in codes if f"duplicates.fact.{code}" not in texts) == []
