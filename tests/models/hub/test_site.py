"""What the hub says of repositories and files, and its files."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from hub_stand_in import HubStandIn
from podoba.cache.reach import NetworkSettings
from podoba.errors import DownloadError
from podoba.models.hub.site import Hub, RemoteFile

MODEL = bytes(range(256)) * 100
CONFIG = b'{"size": 224}'
FILES = {"onnx/model.onnx": MODEL, "config.json": CONFIG}
QUICK = NetworkSettings(pause=0.0)


def open_hub() -> Hub:
    return Hub(settings=QUICK)


def test_a_listing_has_the_commit_the_files_and_the_licence(hub: HubStandIn) -> None:
    commit = hub.add("a/b", FILES, licence="mit")
    listing = open_hub().listing("a/b", "main")
    assert listing is not None
    assert (listing.commit, listing.files, listing.licence) == (commit, ("config.json", "onnx/model.onnx"), "mit")
    hub.lists = False
    assert open_hub().listing("a/b", "main") is None


def test_facts_of_files_are_those_of_the_headers(hub: HubStandIn) -> None:
    commit = hub.add("a/b", FILES)
    large = open_hub().facts("a/b", "main", "onnx/model.onnx")
    assert large == RemoteFile("onnx/model.onnx", commit, len(MODEL), f"sha256:{hashlib.sha256(MODEL).hexdigest()}")
    small = open_hub().facts("a/b", "main", "config.json")
    blob = hashlib.sha1(f"blob {len(CONFIG)}\0".encode() + CONFIG).hexdigest()
    assert small == RemoteFile("config.json", commit, len(CONFIG), f"git:{blob}")
    assert open_hub().facts("a/b", "main", "other.json") is None
    assert not hub.asked("files")  # nothing but headers was asked for


def test_files_come_whole_into_a_folder_of_the_same_layout(hub: HubStandIn, tmp_path: Path) -> None:
    hub.add("a/b", FILES)
    seen: list[tuple[str, int, int]] = []
    for path, content in FILES.items():
        file = open_hub().facts("a/b", "main", path)
        assert file is not None
        place = open_hub().fetch("a/b", file, tmp_path, progress=lambda *step: seen.append(step))
        assert place == tmp_path / path
        assert place.read_bytes() == content
    assert seen[0] == ("model.onnx", len(MODEL), len(MODEL))


def test_a_branch_that_moves_in_between_changes_nothing(hub: HubStandIn, tmp_path: Path) -> None:
    hub.add("a/b", FILES)
    file = open_hub().facts("a/b", "main", "onnx/model.onnx")
    assert file is not None
    hub.add("a/b", {**FILES, "onnx/model.onnx": b"new"})
    assert open_hub().fetch("a/b", file, tmp_path).read_bytes() == MODEL
    assert all(file.commit in request.path for request in hub.asked(method="GET"))


def test_the_token_is_shown_to_the_hub_alone(hub: HubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add("a/b", FILES, private=True)
    monkeypatch.setenv("HF_TOKEN", hub.token)
    file = open_hub().facts("a/b", "main", "onnx/model.onnx")
    assert file is not None
    open_hub().fetch("a/b", file, tmp_path)
    assert all(request.headers["Authorization"] == f"Bearer {hub.token}" for request in hub.asked("hub"))
    sent_on = hub.asked("files")
    assert len(sent_on) == 1
    assert "Authorization" not in sent_on[0].headers
    assert hub.token not in repr(open_hub())


@pytest.mark.parametrize(
    ("repository", "revision", "token", "says"),
    [
        (
            "a/nothing",
            "main",
            None,
            r"no such repository, or a private one \(401\): check the name; for a private",
        ),
        ("a/private", "main", "wrong", r"no such repository, or one that the account of HF_TOKEN may not see"),
        ("a/private", "main", "right", None),
        ("a/gated", "main", None, r"it is gated \(401\): accept the terms at http://\S+/a/gated, and set HF_TOKEN"),
        ("a/gated", "main", "wrong", r"it is gated, and the account of HF_TOKEN was not let in \(403\): accept the terms at"),
        ("a/gated", "main", "right", None),
        ("a/private", "v9", "right", r"the repository has no revision 'v9' \(404\): see "),
    ],
)
def test_each_refusal_has_words_of_its_own(
    hub: HubStandIn, monkeypatch: pytest.MonkeyPatch, repository: str, revision: str, token: str | None, says: str | None
) -> None:
    hub.add("a/private", FILES, private=True)
    hub.add("a/gated", FILES, gated=True)
    if token:
        monkeypatch.setenv("HF_TOKEN", hub.token if token == "right" else "hf_wrong")
    if says is None:
        assert open_hub().facts(repository, revision, "config.json") is not None
        return
    with pytest.raises(DownloadError, match=says) as caught:
        open_hub().facts(repository, revision, "config.json", "name a file that is here")
    assert str(caught.value).endswith("; or name a file that is here")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "token", "says"),
    [
        (401, None, r"it wants a token \(401\): set HF_TOKEN"), (401, "x", r"HF_TOKEN is not accepted \(401\)"),
        (403, "x", r"the account of HF_TOKEN has no permission \(403\)"), (429, None, "with HF_TOKEN more is allowed"),
        (429, "x", r"asked too often \(429\): wait some minutes"), (500, None, r"a fault of its own \(500\)"),
        (407, None, "the proxy wants a name"),
    ],
)  # fmt: skip
def test_other_answers_have_words_too(
    hub: HubStandIn, monkeypatch: pytest.MonkeyPatch, status: int, token: str | None, says: str
) -> None:
    hub.add("a/b", FILES)
    hub.faults["config.json"] = [status] * 3
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(DownloadError, match=says):
        open_hub().facts("a/b", "main", "config.json")
    assert len(hub.asked(end="config.json")) == (3 if status in (429, 500) else 1)


def test_a_fault_that_passes_is_waited_for(hub: HubStandIn, tmp_path: Path) -> None:
    hub.add("a/b", FILES)
    hub.faults["main/onnx/model.onnx"] = [503, 500]
    file = open_hub().facts("a/b", "main", "onnx/model.onnx")
    assert file is not None
    hub.faults["onnx/model.onnx"] = [502]
    assert open_hub().fetch("a/b", file, tmp_path).read_bytes() == MODEL
    (tmp_path / "onnx/model.onnx").unlink()
    hub.faults.clear()
    hub.faults[f"/a/b/{file.commit}/onnx/model.onnx"] = ["short"]
    assert open_hub().fetch("a/b", file, tmp_path).read_bytes() == MODEL
    assert hub.asked("files")[-1].headers["Range"] == f"bytes={len(MODEL) // 2}-"


def test_a_host_that_tells_no_commit_is_refused(hub: HubStandIn) -> None:
    hub.add("a/b", FILES)
    hub.faults["config.json"] = [200]
    with pytest.raises(DownloadError, match="does not say of which commit it is"):
        open_hub().facts("a/b", "main", "config.json")
    hub.faults["revision/main"] = [200]
    with pytest.raises(DownloadError, match="is no list of a repository's files: check HF_ENDPOINT"):
        open_hub().listing("a/b", "main")


def test_a_file_of_another_commit_is_refused(hub: HubStandIn) -> None:
    hub.add("a/b", FILES)
    hub.repositories["a/b"].names["0" * 40] = hub.repositories["a/b"].names["main"]
    with pytest.raises(DownloadError, match=f"not of {'0' * 40}"):
        open_hub().facts("a/b", "0" * 40, "config.json")


def test_offline_asks_nobody(hub: HubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = hub.add("a/b", FILES)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for ask in (
        lambda: open_hub().listing("a/b", "main"),
        lambda: open_hub().facts("a/b", "main", "config.json"),
        lambda: open_hub().fetch("a/b", RemoteFile("config.json", commit), tmp_path),
    ):
        with pytest.raises(DownloadError, match="HF_HUB_OFFLINE forbids to fetch it"):
            ask()
    assert hub.requests == []


@pytest.mark.parametrize("path", ["../x.onnx", "a/../../x.onnx", "/etc/x.onnx", "a\\..\\x.onnx", "C:x.onnx"])
def test_a_path_that_leads_out_is_never_fetched(hub: HubStandIn, tmp_path: Path, path: str) -> None:
    commit = hub.add("a/b", {path: MODEL})
    with pytest.raises(DownloadError, match="leads out of its folder"):
        open_hub().facts("a/b", "main", path)
    if "\\" not in path and ":" not in path:
        with pytest.raises(DownloadError, match="leads out of its folder"):
            open_hub().fetch("a/b", RemoteFile(path, commit), tmp_path / "in")
    assert not hub.requests


def test_the_end_of_a_file_can_be_had_alone(hub: HubStandIn) -> None:
    hub.add("a/b", FILES)
    file = open_hub().facts("a/b", "main", "onnx/model.onnx")
    assert file is not None
    assert open_hub().ends_with("a/b", file, 100) == MODEL[-100:]
    hub.ranges = False
    assert open_hub().ends_with("a/b", file, 100) == b""


def test_the_endpoint_may_be_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    assert Hub().endpoint == "https://huggingface.co"
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/")
    assert re.fullmatch("https://mirror.example", Hub().endpoint)
