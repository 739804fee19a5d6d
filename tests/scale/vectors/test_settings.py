"""Sizes of what is read and written at once."""

from podoba.scale.vectors.settings import DEFAULT, VectorSettings


def test_pages_and_batches_are_bounded_in_items_and_bytes() -> None:
    assert DEFAULT.page(1) == DEFAULT.page_rows
    assert DEFAULT.page(2048) * 2048 * 4 <= DEFAULT.page_bytes
    assert DEFAULT.batch(1) == DEFAULT.batch_rows
    assert DEFAULT.batch(4096) * 4096 * 4 <= DEFAULT.batch_bytes
    assert VectorSettings(page_bytes=1, batch_bytes=1).page(512) == VectorSettings(batch_bytes=1).batch(512) == 1
