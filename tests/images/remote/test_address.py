"""Addresses as text."""

from __future__ import annotations

import pytest

from podoba.images.remote.address import beside, file_name, is_remote, is_web, without_end


def test_addresses_are_known_by_their_scheme() -> None:
    assert all(map(is_remote, ["s3://b", "gs://b/x", "az://c/x", "https://host/a.jpg", "S3://b"]))
    assert not any(map(is_remote, ["photos", "/a/b", "file:///a", "ftp://x/y", "s3://", "cifar10:test", "milvus://h/n"]))
    assert is_web("https://host/a.jpg")
    assert not is_web("s3://b/a.jpg")


@pytest.mark.parametrize(
    ("address", "name", "found"),
    [
        ("s3://b/in/list.csv", "a.jpg", "s3://b/in/a.jpg"),
        ("s3://b/in/list.csv", "./more/a.jpg", "s3://b/in/more/a.jpg"),
        ("s3://b/in/list.csv", "../a.jpg", "s3://b/a.jpg"),
        ("s3://b/in/list.csv", "../../../a.jpg", "s3://b/a.jpg"),
        ("s3://b/in/list.csv", "/a.jpg", "s3://b/a.jpg"),
        ("s3://b/in/list.csv", "gs://other/a.jpg", "gs://other/a.jpg"),
        ("https://host/in/list.csv", "a.jpg", "https://host/in/a.jpg"),
        ("https://host/in/list.csv", "/a.jpg", "https://host/a.jpg"),
    ],
)
def test_a_name_is_beside_the_file_that_names_it(address: str, name: str, found: str) -> None:
    assert beside(address, name) == found


def test_one_folder_has_one_name() -> None:
    assert without_end("S3://bucket/in//") == without_end("s3://bucket/in") == "s3://bucket/in"


def test_what_follows_a_question_mark_is_no_ending() -> None:
    assert file_name("https://host/a.tar?key=x.jpg").endswith("/a.tar")
    assert file_name("s3://b/what?.jpg").endswith("?.jpg")
