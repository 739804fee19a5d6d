"""Stores that are away, refuse, or have nothing there."""

from __future__ import annotations

import sys

import pytest

from podoba.cache.reach import NetworkSettings
from podoba.errors import MissingExtra, SourceError
from podoba.images.remote.filesystem import StoreAway, asked, explain, filesystem

AT_ONCE = NetworkSettings(tries=3, pause=0.0)


def test_what_is_away_is_asked_again() -> None:
    answers = [ConnectionError("reset"), TimeoutError(), 7]

    def work() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return int(str(answer))

    assert asked("s3://b", work, AT_ONCE) == 7


def test_what_stays_away_is_said_in_one_line() -> None:
    count = []

    def work() -> None:
        count.append(1)
        raise ConnectionError("line\nbreak")

    with pytest.raises(StoreAway, match=r"^s3://b: the store cannot be reached \(line break\): check the network") as caught:
        asked("s3://b", work, AT_ONCE)
    assert len(count) == 3
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("refusal", [FileNotFoundError("x"), PermissionError("Forbidden")])
def test_what_is_refused_is_not_asked_again(refusal: Exception) -> None:
    count = []

    def work() -> None:
        count.append(1)
        raise refusal

    with pytest.raises(SourceError, match=r"s3://b: (not there|no permission)"):
        asked("s3://b", work, AT_ONCE)
    assert len(count) == 1


def test_missing_credentials_are_a_refusal() -> None:
    class NoCredentialsError(Exception):
        pass

    told = explain("s3://b", NoCredentialsError("Unable to locate credentials"))
    assert not isinstance(told, StoreAway)
    assert "AWS_PROFILE" in str(told)


def test_a_store_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(SourceError, match=r"gs://b: .*gcsfs"):
        filesystem("gs://b")


@pytest.mark.parametrize(
    ("library", "address"),
    [("s3fs", "s3://b"), ("aiohttp", "https://host/b"), ("aiohttp", "HTTP://host/b"), ("fsspec", "gs://b")],
)
def test_a_small_install_says_which_extra_it_needs(library: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra, match=r"pip install 'podoba\[scale\]'"):
        filesystem(address)


def test_one_file_system_serves_all_addresses_of_a_scheme() -> None:
    assert filesystem("memory://a/b") is filesystem("memory://c")
