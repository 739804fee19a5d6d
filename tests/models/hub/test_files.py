"""The files of one repository at one commit."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hub_stand_in import HubStandIn
from podoba.errors import DownloadError
from podoba.models.hub.files import RepositoryFiles
from podoba.models.hub.site import Hub

GRAPH = "onnx/model.onnx"
WEIGHTS = {GRAPH: b"graph", f"{GRAPH}_data": b"weights", f"{GRAPH}_data_1": b"more", "config.json": b"{}"}


@pytest.mark.parametrize("lists", [True, False])
def test_weights_outside_a_graph_come_with_it(hub: HubStandIn, tmp_path: Path, lists: bool) -> None:
    hub.lists = lists
    hub.add("a/b", WEIGHTS | {"onnx/config.json": b"[]", "other.json": b""})
    files = RepositoryFiles(Hub(), "a/b", "main")
    graph = files.first(["none.onnx", "onnx/model.onnx"])
    assert graph is not None
    sha256 = files.fetch(graph, ["config.json"], tmp_path)
    wanted = {GRAPH, f"{GRAPH}_data", "config.json", "onnx/config.json"}
    assert set(sha256) == (wanted | {f"{GRAPH}_data_1"} if lists else wanted)  # without a list nobody knows of it
    for path, digest in sha256.items():
        assert hashlib.sha256((tmp_path / path).read_bytes()).hexdigest() == digest


def test_all_files_are_of_the_commit_that_was_met_first(hub: HubStandIn) -> None:
    hub.lists = False
    commit = hub.add("a/b", WEIGHTS)
    files = RepositoryFiles(Hub(), "a/b", "main")
    assert files.revision == "main"
    assert files.facts("config.json") is not None
    hub.add("a/b", {**WEIGHTS, "onnx/model.onnx": b"another"})
    graph = files.facts("onnx/model.onnx")
    assert graph is not None
    assert graph.commit == files.revision == commit
    assert files.sha256_of(graph) == hashlib.sha256(b"graph").hexdigest()


def test_the_sha256_of_a_file_in_git_is_computed(hub: HubStandIn) -> None:
    hub.add("a/b", WEIGHTS)
    files = RepositoryFiles(Hub(), "a/b", "main")
    config = files.facts("config.json")
    assert config is not None
    assert files.sha256_of(config) == hashlib.sha256(b"{}").hexdigest()


def test_another_file_than_the_pinned_one_is_not_fetched(hub: HubStandIn) -> None:
    hub.add("a/b", WEIGHTS)
    files = RepositoryFiles(Hub(), "a/b", "main", lambda path, commit: "0" * 64)
    with pytest.raises(DownloadError, match=f"and must be sha256:{'0' * 64}: nothing was fetched"):
        files.facts("onnx/model.onnx")
    config = files.facts("config.json")  # of which the hub tells no sha256
    assert config is not None
    assert config.checksum == f"sha256:{'0' * 64}"


def test_a_card_is_seen_at_the_end_of_a_file(hub: HubStandIn) -> None:
    hub.add("a/b", {"model.onnx": b"x" * 5000 + b"podoba_card{}", "other.onnx": b"x" * 5000})
    files = RepositoryFiles(Hub(), "a/b", "main")
    ours, other = files.facts("model.onnx"), files.facts("other.onnx")
    assert ours is not None
    assert other is not None
    assert files.has_card(ours)
    assert not files.has_card(other)
