"""The settings of an index fit each other."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from podoba.collection.index.settings import IndexSettings


def test_searches_are_tried_from_the_fastest_to_the_most_thorough() -> None:
    settings = IndexSettings()
    assert list(settings.widths) == sorted(set(settings.widths))
    assert list(settings.candidates) == sorted(set(settings.candidates))
    assert settings.beside_bytes < settings.exact_bytes
    assert settings.dead < settings.worn < 1
    assert 0 < settings.target < 1


def test_settings_are_not_changed_behind_anybodys_back() -> None:
    with pytest.raises(FrozenInstanceError):
        IndexSettings().target = 0.5  # type: ignore[misc]
