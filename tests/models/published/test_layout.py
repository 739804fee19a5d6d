"""Names of files in published repositories."""

from __future__ import annotations

from podoba.models.foreign.processors import FILES
from podoba.models.published.catalogue import catalogue
from podoba.models.published.layout import IMAGE_GRAPHS, NETWORK, OWN, PROCESSORS, TEXT_GRAPHS, TOKENIZERS
from published_layouts import layouts


def test_each_known_layout_is_found_by_these_names() -> None:
    published = layouts()
    assert set(published) == {entry.repository for entry in catalogue().values()}
    for entry in catalogue().values():
        files = published[entry.repository]
        assert next(path for path in IMAGE_GRAPHS if path in files) == entry.image
        assert {path.rpartition("/")[2] for path in files} & set(PROCESSORS)
        if entry.text is not None:
            assert next(path for path in TEXT_GRAPHS if path in files) == entry.text
            assert {path.rpartition("/")[2] for path in files} >= {TOKENIZERS[0]}


def test_what_may_be_ours_is_looked_at_last() -> None:
    assert IMAGE_GRAPHS[-1] == TEXT_GRAPHS[-1] == OWN


def test_all_that_settings_of_pixels_are_read_from_is_fetched() -> None:
    assert {path.rpartition("/")[2] for path in FILES} == {*PROCESSORS, NETWORK}
