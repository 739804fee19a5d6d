"""`podoba models ...`."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub_stand_in import HubStandIn
from podoba.models.names import timm_path
from published_layouts import layouts

Command = Callable[..., Any]


@pytest.fixture
def cached(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds a model as if it were timm's."""
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path))
    path = timm_path("timm/tiny")
    path.parent.mkdir(parents=True)
    path.write_bytes((trained / "model.onnx").read_bytes())
    return path


def test_list(command: Command, cached: Path) -> None:
    models = {row["name"]: row for row in command("models", "list", "--json").json["models"]}
    tiny = models["timm/tiny"]
    assert (tiny["state"], tiny["dim"], tiny["input_size"], tiny["backbone"], tiny["words"]) == (
        "here",
        8,
        16,
        "small-digits",
        None,
    )
    assert tiny["megabytes"] == round(cached.stat().st_size / 1e6, 1)
    assert models["small"]["state"] == "bundled"
    mobile = models["mobileclip-s0"]
    assert (mobile["state"], mobile["dim"], mobile["words"]) == ("to pull", 512, "English")
    shown = command("models", "list")
    assert "timm/tiny" in shown.out
    assert "podoba models pull NAME" in shown.err
    cached.write_bytes(b"damaged")
    broken = command("models", "list", "--json")
    assert broken.code == 0
    assert "timm/tiny" not in {row["name"] for row in broken.json["models"]}
    assert "left out: " in broken.err


def test_show(command: Command, trained: Path) -> None:
    done = command("models", "show", trained)
    assert "backbone: small-digits\n" in done.out
    assert "settings" not in done.out
    assert re.search(r"knn_score \d\.\d{4} \(\d\.\d{4} to \d\.\d{4}\)", done.out)
    assert command("models", "show", trained, "--json").json["settings"]["epochs"] == 2


def test_show_fetches_nothing(command: Command, hub: HubStandIn, cached: Path) -> None:
    done = command("models", "show", "siglip2-base")
    assert "state: to pull\n" in done.out
    assert "licence: Apache-2.0\n" in done.out
    assert "podoba models pull hf:a/b" in command("models", "show", "hf:a/b").err
    assert hub.requests == []


def test_pull_says_where_from_and_the_licence(command: Command, hub: HubStandIn, cached: Path) -> None:
    files = layouts()["onnx-community/dinov2-small"]
    commit = hub.add("a/b", files | {"README.md": b"---\nlicense: mit\n---\n"})
    done = command("models", "pull", "hf:a/b", "--json")
    assert done.json == {"model": "hf:a/b", "path": str(cached.parents[1] / "hf/a/b" / commit / "onnx/model.onnx")}
    assert f"hf:a/b: fetched from {hub.endpoint}/a/b, commit {commit}; licence: mit\n" in done.err
    assert "fetched" not in command("models", "pull", "hf:a/b").err
    shown = command("models", "show", "hf:a/b").out
    assert f"source: repository a/b, revision {commit}, file onnx/model.onnx" in shown
    assert "licence: mit\n" in shown
    newer = hub.add("a/b", files)
    assert newer in command("models", "pull", "hf:a/b", "--again").err
    assert newer in command("models", "show", "hf:a/b").out


def test_pull_asks_for_a_licence_that_is_for_research_alone(command: Command, hub: HubStandIn, cached: Path) -> None:
    done = command("models", "pull", "mobileclip-s0")
    assert done.code == 1
    assert "must be accepted first: read https://" in done.err
    assert hub.requests == []


def test_pull_of_what_is_here_fetches_nothing(command: Command, cached: Path) -> None:
    assert command("models", "pull", "timm/tiny", "--json").json == {"model": "timm/tiny", "path": str(cached)}
    assert "is here" in command("models", "pull", "timm/tiny").err


def test_pull_without_the_extra_names_the_install_command(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path))
    monkeypatch.setitem(sys.modules, "timm", None)
    done = command("models", "pull", "timm/resnet18")
    assert done.code == 1
    assert "pip install 'podoba[train]'" in done.err


def test_export(command: Command, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "made" / "model.onnx"
    assert command("models", "export", trained, out, "--json").json == {"model": str(trained), "out": str(out)}
    assert out.read_bytes() == (trained / "model.onnx").read_bytes()
    assert command("models", "export", out, out).code == 1
    assert command("models", "export", trained, "/proc/nowhere/model.onnx").code == 1


def test_export_for_other_programs(command: Command, trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "published"
    done = command("models", "export", trained, folder, "--as", "hub")
    assert done.code == 0
    assert "names no licence" in done.err
    assert (folder / "onnx" / "model.onnx").is_file()
    imported = command("models", "import", folder / "onnx" / "model.onnx", tmp_path / "back.onnx", "--json")
    assert imported.code == 0, imported.err
    again = command("models", "export", trained, folder, "--as", "hub")
    assert (again.code, again.out) == (1, "")
    assert "is there already" in again.err
    assert (
        command("models", "export", trained, tmp_path / "float.onnx", "--as", "onnx", "--json").json["out"].endswith("float.onnx")
    )
    card = command("models", "show", tmp_path / "float.onnx")
    assert card.code == 1
    assert command("models", "export", trained, tmp_path / "x.onnx", "--as", "pickle").code == 2


def test_another_size_is_for_networks_of_timm(command: Command, cached: Path, trained: Path, tmp_path: Path) -> None:
    cached.with_name("tiny@16.onnx").write_bytes(cached.read_bytes())
    assert command("models", "pull", "timm/tiny", "--size", "16", "--json").json["path"].endswith("tiny@16.onnx")
    out = tmp_path / "x.onnx"
    assert command("models", "export", "timm/tiny", out, "--size", "16").code == 0
    assert out.read_bytes() == cached.read_bytes()
    for name in (trained, "small", "timm/tiny@16"):
        refused = command("models", "export", name, tmp_path / "y.onnx", "--size", "16")
        assert (refused.code, (tmp_path / "y.onnx").exists()) == (1, False)
        assert "--size is for networks of timm" in refused.err


@pytest.mark.parametrize("name", ["nothing", "hf:nothing", "nothing.onnx"])
def test_a_model_that_is_not_there(command: Command, name: str) -> None:
    done = command("models", "show", name)
    assert done.code == 1
    assert done.err.startswith("error: ")
    assert len(done.err.splitlines()) == 1


def test_quantize(command: Command, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "small.onnx"
    done = command("models", "quantize", trained, out, "--images", "digits", "--json").json
    assert done["images"] == 512
    assert done["cosine"] > 0.98
    assert command("models", "show", out, "--json").json["precision"] == "int8"
    again = command("models", "quantize", out, tmp_path / "smaller.onnx", "--images", "digits")
    assert again.code == 1
    assert "is in 8 bits already" in again.err
    assert not (tmp_path / "smaller.onnx").exists()


@pytest.mark.parametrize("name", [pytest.param("timm/resnet18", marks=pytest.mark.thorough), "hf:some-owner/some-model"])
def test_without_a_network_pull_is_one_line_with_another_way(podoba: Command, tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as made:
        closed = f"http://127.0.0.1:{made.getsockname()[1]}"
    proxies = {"http_proxy": closed, "https_proxy": closed, "no_proxy": ""}
    unreachable = {**proxies, "PODOBA_CACHE": str(tmp_path), "HF_HOME": str(tmp_path)}
    done = podoba("models", "pull", name, timeout=60, **unreachable)  # most of which would be for torch on a busy machine
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: https://huggingface.co/")
    assert "the proxy 127.0.0.1 cannot be reached: Connection refused" in done.stderr
    other = f"put that file at {tmp_path}/models/timm/resnet18.onnx" if name.startswith("timm") else "name its folder instead"
    assert other in done.stderr
    assert "backbone." not in done.stderr  # no advice for a training
