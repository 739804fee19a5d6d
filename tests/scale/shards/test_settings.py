"""How large shards are."""

from __future__ import annotations

from podoba.scale.shards.settings import DEFAULT


def test_a_hundred_million_images_are_shards_that_a_driver_can_count() -> None:
    assert 10_000 < 10**8 / DEFAULT.images < 100_000
    assert DEFAULT.longest > 1
