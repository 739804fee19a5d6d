"""What a server serves."""

from pathlib import Path

import pytest

from podoba.collection.collection import Collection
from podoba.errors import CollectionError
from podoba.serve.problems import Problem
from podoba.serve.served import Served


def test_a_collection_is_opened_once(shapes_collection: Path) -> None:
    served = Served([shapes_collection])
    opened = served.collection("shapes")
    assert served.collection("shapes") is opened
    assert served.state("shapes") == "ready"
    served.close()


def test_what_is_missing_and_what_is_unknown(tmp_path: Path) -> None:
    served = Served([tmp_path / "new.podoba", tmp_path / "empty.podoba", tmp_path / "broken.podoba"])
    Collection.open(tmp_path / "empty.podoba", create=True).close()
    (tmp_path / "broken.podoba").write_bytes(b"no database" * 100)
    assert (served.state("new"), served.state("empty")) == ("missing", "empty")
    with pytest.raises(Problem) as missing:
        served.collection("new")
    with pytest.raises(Problem) as unknown:
        served.collection("other")
    assert (missing.value.code, unknown.value.code) == ("missing_collection", "unknown_collection")
    with pytest.raises(CollectionError):
        served.collection("broken")
    served.close()


def test_a_missing_collection_is_opened_when_it_was_made(tmp_path: Path) -> None:
    served = Served([tmp_path / "new.podoba"])
    assert served.state("new") == "missing"
    (tmp_path / "new.podoba").touch()  # as at the moment when it is made
    assert served.state("new") == "missing"
    Collection.open(tmp_path / "new.podoba", create=True).close()
    assert served.state("new") == "empty"
    served.close()
