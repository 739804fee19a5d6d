"""Published weights: taken from this machine where they are here, else their host is asked for a few seconds at most."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import timm
import torch
from huggingface_hub import constants

from podoba.errors import DownloadError
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.published import published_weights
from podoba.runs.settings import BackboneSettings

HUB, ELSEWHERE = "resnet10t", "legacy_seresnet18"  # published on the hub, and at an address of its own


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing fetched before, and a hub and hosts at which nobody listens."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.file_download.HF_HUB_CACHE", str(tmp_path / "hub"), raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(socket, "getaddrinfo", unknown)


@pytest.mark.parametrize(("name", "host"), [(HUB, "huggingface.co"), (ELSEWHERE, "github.com")])
def test_a_host_that_cannot_be_reached_is_said_at_once(name: str, host: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DownloadError, match=rf"the name of {host} cannot be looked up\).*; or do that$"):
        published_weights(name, "do that")
    with pytest.raises(DownloadError, match=r"; or set backbone\.pretrained=PATH to a local weights file"):
        build_backbone(BackboneSettings(name=name, pretrained=True, transfer="frozen"), None)
    assert capfd.readouterr() == ("", "")  # no lines of the libraries


@pytest.mark.parametrize("name", [HUB, ELSEWHERE])
def test_weights_that_are_here_are_used_without_asking_anybody(name: str, tmp_path: Path) -> None:
    torch.manual_seed(3)
    state = timm.create_model(name, pretrained=False).state_dict()
    facts = timm.get_pretrained_cfg(name)
    if facts.hf_hub_id:
        kept = tmp_path / "hub" / f"models--{facts.hf_hub_id.replace('/', '--')}"
        path = kept / "snapshots" / "0123" / "pytorch_model.bin"
        (kept / "refs").mkdir(parents=True)
        (kept / "refs" / "main").write_text("0123")
    else:
        path = tmp_path / "torch" / "hub" / "checkpoints" / urlsplit(facts.url).path.rpartition("/")[2]
    path.parent.mkdir(parents=True)
    torch.save(state, path)
    assert published_weights(name, "") == path
    backbone = build_backbone(BackboneSettings(name=name, pretrained=True, transfer="frozen"), None)
    loaded = backbone.body.state_dict()
    assert all(torch.equal(value, state[key]) for key, value in loaded.items())
    assert len(loaded) >= len(state) - 2  # without the layer of classes


def test_what_was_never_published_asks_nobody() -> None:
    unpublished = sorted(set(timm.list_models()) - {name.partition(".")[0] for name in timm.list_models(pretrained=True)})
    assert published_weights(unpublished[0], "") is None
