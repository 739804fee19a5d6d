"""Published models fetched and made into model files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hub_stand_in import HubStandIn
from podoba.cache.reach import NetworkSettings
from podoba.errors import DownloadError, ModelError
from podoba.models.card import Source
from podoba.models.card_file import read_card
from podoba.models.encoder import Encoder
from podoba.models.hub.pull import find_pulled, pull
from podoba.models.hub.site import Hub
from podoba.models.hub.store import Pulled, recall
from podoba.models.published.address import Address

Files = dict[str, bytes]


def pull_quickly(name: str, *, accept: bool = False, again: bool = False) -> Path:
    return pull(Address.parse(name), hub=Hub(settings=NetworkSettings(pause=0.0)), accept=accept, again=again)


def test_a_repository_becomes_a_model_whose_path_and_card_tell_where_it_is_from(
    hub: HubStandIn, cache: Path, dinov2: Files
) -> None:
    commit = hub.add("a/b", dinov2 | {"README.md": b"---\nlicense: apache-2.0\n---\n# B\n"})
    path = pull_quickly("hf:a/b")
    assert path == cache / "models/hf/a/b" / commit / "onnx/model.onnx"
    card = Encoder(path, 1).card
    sha256 = hashlib.sha256(dinov2["onnx/model.onnx"]).hexdigest()
    assert card.source == Source(repository="a/b", revision=commit, file="onnx/model.onnx", sha256=sha256)
    assert (card.name, card.licence, card.input_size, card.shortest) == ("a/b", "apache-2.0", 224, 256)
    assert list((cache / "downloads").iterdir()) == []  # the published file itself is not kept
    assert find_pulled(Address.parse("hf:a/b")) == path
    assert recall(Address.parse("hf:a/b")) == Pulled(
        commit=commit,
        graph="onnx/model.onnx",
        licence="apache-2.0",
        sha256={
            name: hashlib.sha256(hub.repositories["a/b"].commits[commit][name]).hexdigest()
            for name in ("preprocessor_config.json", "config.json", "README.md", "onnx/model.onnx")
        },
    )


def test_what_is_here_is_not_asked_for_again(hub: HubStandIn, dinov2: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add("a/b", dinov2)
    path = pull_quickly("hf:a/b")
    hub.requests.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert pull_quickly("hf:a/b") == path
    assert hub.requests == []


def test_equal_files_make_equal_models(hub: HubStandIn, cache: Path, dinov2: Files) -> None:
    hub.add("a/b", dinov2)
    first = pull_quickly("hf:a/b").read_bytes()
    shutil.rmtree(cache)
    assert pull_quickly("hf:a/b").read_bytes() == first


def test_a_branch_that_moved_on_is_followed_only_when_asked_to(hub: HubStandIn, dinov2: Files, clip: Files) -> None:
    old = hub.add("a/b", dinov2)
    path = pull_quickly("hf:a/b")
    new = hub.add("a/b", {**clip, "onnx/model.onnx": clip["onnx/vision_model.onnx"]})
    assert pull_quickly("hf:a/b") == path
    content = path.read_bytes()
    path.unlink()  # as `podoba cache` does
    assert pull_quickly("hf:a/b") == path
    assert path.read_bytes() == content
    assert old in str(path)
    assert new in str(pull_quickly("hf:a/b", again=True))
    assert new in str(pull_quickly("hf:a/b"))
    assert old in str(pull_quickly(f"hf:a/b@{old}"))


def test_what_was_fetched_once_must_stay_the_same(hub: HubStandIn, dinov2: Files, clip: Files) -> None:
    commit = hub.add("a/b", dinov2)
    pull_quickly("hf:a/b").unlink()
    hub.repositories["a/b"].commits[commit]["onnx/model.onnx"] = clip["onnx/vision_model.onnx"]
    with pytest.raises(DownloadError, match=r"is said to be sha256:\w+, and must be sha256:\w+: nothing was fetched"):
        pull_quickly("hf:a/b")
    assert not hub.asked("files")[1:]
    hub.repositories["a/b"].commits[commit]["onnx/model.onnx"] = dinov2["onnx/model.onnx"]
    hub.repositories["a/b"].commits[commit]["config.json"] += b" "
    with pytest.raises(DownloadError, match="the file's sha256 is"):
        pull_quickly("hf:a/b")


@pytest.mark.parametrize(
    ("there", "found"),
    [
        (["onnx/vision_model.onnx", "onnx/model.onnx", "visual/model.onnx", "model.onnx"], "onnx/vision_model.onnx"),
        (["onnx/model.onnx", "visual/model.onnx", "model.onnx"], "onnx/model.onnx"),
        (["visual/model.onnx", "model.onnx"], "visual/model.onnx"),
        (["model.onnx", "onnx/other.onnx"], "model.onnx"),
    ],
)
@pytest.mark.parametrize("lists", [True, False])
def test_graphs_are_found_in_one_order_also_where_no_files_are_listed(
    hub: HubStandIn, dinov2: Files, there: list[str], found: str, lists: bool
) -> None:
    hub.lists = lists
    facts = {name: content for name, content in dinov2.items() if name.endswith(".json")}
    commit = hub.add("a/b", facts | dict.fromkeys(there, dinov2["onnx/model.onnx"]))
    assert pull_quickly("hf:a/b").as_posix().endswith(f"{commit}/{found}")
    assert all("/resolve/main/" not in request.path for request in hub.asked(method="GET"))


def test_a_model_of_ours_at_the_root_goes_before_graphs_of_others(hub: HubStandIn, dinov2: Files, tmp_path: Path) -> None:
    hub.add("a/b", dinov2)
    ours = pull_quickly("hf:a/b").read_bytes()
    hub.add("our/own", {**dinov2, "model.onnx": ours})
    path = pull_quickly("hf:our/own")
    assert path.name == "model.onnx"
    assert path.read_bytes() == ours


def test_a_file_may_be_named(hub: HubStandIn, dinov2: Files) -> None:
    hub.add("a/b", dinov2 | {"onnx/model_fp16.onnx": dinov2["onnx/model.onnx"]}, revision="v1")
    assert pull_quickly("hf:a/b@v1:onnx/model_fp16.onnx").name == "model_fp16.onnx"
    with pytest.raises(DownloadError, match=r"has no file onnx/x\.onnx at"):
        pull_quickly("hf:a/b@v1:onnx/x.onnx")
    with pytest.raises(DownloadError, match="no revision 'main'"):
        pull_quickly("hf:a/b")


def test_a_repository_without_a_graph_says_which_are_looked_for(hub: HubStandIn) -> None:
    hub.add("a/b", {"pytorch_model.bin": b"x", "config.json": b"{}"})
    with pytest.raises(ModelError, match=r"no graph of a known name \(onnx/vision_model\.onnx, .*name the file as hf:a/b:<path>"):
        pull_quickly("hf:a/b")


def test_weights_of_timm_are_not_taken_for_a_graph(hub: HubStandIn) -> None:
    hub.add("timm/resnet50.a1_in1k", {"model.safetensors": b"x", "config.json": b"{}"})
    with pytest.raises(ModelError, match=r"has weights and no graph: did you mean timm/resnet50\.a1_in1k\?"):
        pull_quickly("hf:timm/resnet50.a1_in1k")


def test_a_revision_of_a_private_repository_may_have_any_name(
    hub: HubStandIn, dinov2: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = hub.add("a/b", dinov2, revision="refs/pr/1", private=True)
    with pytest.raises(DownloadError, match="for a private one set HF_TOKEN"):
        pull_quickly("hf:a/b@refs/pr/1")
    monkeypatch.setenv("HF_TOKEN", hub.token)
    assert commit in str(pull_quickly("hf:a/b@refs/pr/1"))


def test_what_is_not_understood_leaves_nothing(hub: HubStandIn, cache: Path, dinov2: Files) -> None:
    hub.add("a/b", {"onnx/model.onnx": b"no graph", "preprocessor_config.json": dinov2["preprocessor_config.json"]})
    with pytest.raises(ModelError):
        pull_quickly("hf:a/b")
    assert [path for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"] == []
    assert find_pulled(Address.parse("hf:a/b")) is None


def test_a_pull_that_breaks_off_is_gone_on_with(hub: HubStandIn, cache: Path, dinov2: Files) -> None:
    commit = hub.add("a/b", dinov2)
    hub.faults[f"a/b/{commit}/onnx/model.onnx"] = ["short", 404, 404]
    with pytest.raises(DownloadError):
        pull_quickly("hf:a/b")
    half = len(dinov2["onnx/model.onnx"]) // 2
    (part,) = cache.rglob("*.part")
    assert part.stat().st_size == half
    hub.faults.clear()
    hub.requests.clear()
    pull_quickly("hf:a/b")
    assert [request.headers.get("Range") for request in hub.asked("files")] == [f"bytes={half}-"]
    assert not hub.asked(method="GET", end="config.json")  # what was whole is not fetched again


def test_garbage_in_a_part_is_never_installed(hub: HubStandIn, cache: Path, dinov2: Files) -> None:
    commit = hub.add("a/b", dinov2)
    sha256 = hashlib.sha256(dinov2["onnx/model.onnx"]).hexdigest()
    part = cache / "downloads" / f"hf--a--b--{commit}" / "onnx" / f"model.onnx.{sha256}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"garbage" * 9000)
    assert Encoder(pull_quickly("hf:a/b"), 1).card.name == "a/b"


def test_two_processes_fetch_once(hub: HubStandIn, dinov2: Files) -> None:
    hub.add("a/b", dinov2)
    code = "from podoba.models.names import find_model; print(find_model('hf:a/b'))"
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=dict(os.environ)) for _ in range(2)]
    paths = {process.communicate(timeout=120)[0] for process in running}
    assert len(paths) == 1
    assert paths != {b""}
    assert len(hub.asked("files")) == 1


def test_a_licence_that_must_be_accepted_is_asked_for_once(
    hub: HubStandIn, dinov2: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {
        "repository": "a/b", "image": "onnx/model.onnx", "licence": "for research", "terms": "https://terms", "accept": True,
        "good_for": "tests", "dim": 16,
    }  # fmt: skip
    (tmp_path / "catalogue.json").write_text(json.dumps({"short": entry}))
    monkeypatch.setenv("PODOBA_CATALOGUE", str(tmp_path / "catalogue.json"))
    hub.add("a/b", dinov2)
    with pytest.raises(ModelError, match=r"its licence \(for research\) must be accepted first: read https://terms, then"):
        pull_quickly("hf:a/b")
    assert not hub.requests
    path = pull_quickly("hf:a/b", accept=True)
    assert read_card(path).licence == "for research"
    path.unlink()
    assert pull_quickly("hf:a/b") == path


def test_a_pinned_checksum_is_held_against_what_the_hub_says(
    hub: HubStandIn, dinov2: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = hub.add("a/b", dinov2)
    entry = {
        "repository": "a/b", "revision": commit, "image": "onnx/model.onnx", "sha256": {"onnx/model.onnx": "0" * 64},
        "licence": "MIT", "terms": "", "good_for": "tests", "dim": 16,
    }  # fmt: skip
    (tmp_path / "catalogue.json").write_text(json.dumps({"short": entry}))
    monkeypatch.setenv("PODOBA_CATALOGUE", str(tmp_path / "catalogue.json"))
    with pytest.raises(DownloadError, match=f"and must be sha256:{'0' * 64}"):
        pull_quickly("hf:a/b")
    hub.tells_checksums = False
    with pytest.raises(DownloadError, match=f"published is {'0' * 64}"):
        pull_quickly("hf:a/b")
    assert find_pulled(Address.parse("hf:a/b")) is None
