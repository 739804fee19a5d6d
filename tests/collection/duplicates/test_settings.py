"""Thresholds of duplicates decide what is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from podoba.collection.collection import Collection
from podoba.collection.duplicates.find import find_duplicates
from podoba.collection.duplicates.settings import DuplicateSettings


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        (DuplicateSettings(), ["same picture"]),
        (DuplicateSettings(same_difference=0.0), ["cropped or edited"]),
        (DuplicateSettings(same_correlation=1.1, edited_agreement=1.1, faint_agreement=1.1, part_correlation=1.1), ["near"]),
        (DuplicateSettings(invariant_similarity=1.1, candidate_distance=-1.0), []),
    ],
)
def test_thresholds_decide_what_a_copy_is(
    settings: DuplicateSettings,
    kinds: list[str],
    photos: Path,
    indexed: Callable[[], Collection],
    photograph: Callable[..., Image.Image],
) -> None:
    photograph(1).save(photos / "encoded.jpg", quality=60)
    found = find_duplicates(indexed().index, settings=settings)
    assert [group.kind for group in found.groups] == kinds
