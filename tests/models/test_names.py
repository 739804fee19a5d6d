"""Names of models to files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hub_stand_in import HubStandIn
from podoba.errors import DownloadError, ModelError
from podoba.models import names
from podoba.models.hub.store import Pulled, remember
from podoba.models.names import copy_model, find_model, lasting_name, list_models, open_model, timm_path
from podoba.models.published.address import Address
from podoba.models.published.catalogue import FILE
from published_layouts import layouts

MakeModel = Callable[..., Path]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_path_and_a_run_folder_are_names(tmp_path: Path, make_model: MakeModel) -> None:
    path = make_model("run/model.onnx")
    assert find_model(str(path)) == path
    assert find_model(str(tmp_path / "run")) == path
    assert open_model(str(path), threads=1).card.name == "tiny"
    (tmp_path / "begun").mkdir()
    with pytest.raises(ModelError, match=r"no model\.onnx in this folder"):
        find_model(str(tmp_path / "begun"))


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path, make_model: MakeModel) -> None:
    make_model("runs/shop/model.onnx")
    make_model("flowers.onnx")
    make_model("cache/models/timm/resnet50.onnx")
    with pytest.raises(ModelError, match=r"did you mean .*flowers\.onnx\?"):
        find_model(str(tmp_path / "flower.onnx"))
    with pytest.raises(ModelError, match=r"did you mean .*runs/shop\?"):
        find_model(str(tmp_path / "runs/shops"))
    with pytest.raises(ModelError, match=r"did you mean timm/resnet50\?"):
        find_model("resnet50")
    with pytest.raises(ModelError, match="name photo or small, a published model"):
        find_model("zzzzzzzzzz")
    for impossible in ("a\0b", "x" * 5000):
        with pytest.raises(ModelError, match=r"no such model|not a name"):
            find_model(impossible)


def test_a_bundled_model_is_found_in_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_model: MakeModel) -> None:
    monkeypatch.setattr(names, "bundled_folder", lambda name="small": tmp_path / name)
    with pytest.raises(ModelError, match="reinstall"):
        find_model("small")
    assert list_models() == {}
    path = make_model("small/model.onnx")
    assert find_model("small") == path
    with pytest.raises(ModelError, match=r"did you mean small\?"):
        find_model("smal")


@pytest.mark.parametrize("name", ["photo", "small", "clip-vit-b32", "hf:owner/repo", "timm/resnet18"])
def test_a_name_stays_the_same_where_a_folder_is_called_so(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir(parents=True)
    assert lasting_name(name) == name


def test_a_path_lasts_as_a_whole_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs/first").mkdir(parents=True)
    assert lasting_name("runs/first") == str(tmp_path / "runs" / "first")
    assert lasting_name("none") == "none"


def test_timm_names_are_found_in_the_cache_or_tell_what_to_run(make_model: MakeModel) -> None:
    with pytest.raises(ModelError, match=r"podoba models pull timm/resnet50\.a1_in1k"):
        find_model("timm/resnet50.a1_in1k")
    path = make_model("cache/models/timm/resnet50.a1_in1k.onnx")
    assert find_model("timm/resnet50.a1_in1k") == path == timm_path("timm/resnet50.a1_in1k")
    for wrong in ("timm/", "timm/../../x", "timm/a/b", "timm/.hidden"):
        with pytest.raises(ModelError, match="not a name of timm's"):
            find_model(wrong)


def test_published_models_are_fetched_when_they_are_first_named(
    cache: Path, hub: HubStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = layouts()["onnx-community/dinov2-small"]
    commit = hub.add("someone/some-model.v1", files)
    for name in ("hf:someone/some-model.v1", f"hf:someone/some-model.v1@{commit}:onnx/model.onnx"):
        with pytest.raises(ModelError, match=f"{name}: not in the cache: run `podoba models pull {name}`"):
            find_model(name, fetch=False)
        assert hub.requests == []
        encoder = open_model(name, threads=1)
        assert encoder.path == cache / "models/hf/someone/some-model.v1" / commit / "onnx/model.onnx"
        assert encoder.card.name == "someone/some-model.v1"
        assert list_models()[name] == encoder.path
        assert hub.requests
        hub.requests.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert find_model("hf:someone/some-model.v1", fetch=False) == find_model("hf:someone/some-model.v1") == encoder.path
    assert hub.requests == []


def test_short_names_stand_for_pinned_files(
    cache: Path, hub: HubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = layouts()["onnx-community/dinov2-small"]
    facts = json.loads(FILE.read_text())["dinov2-small"]
    facts |= {"revision": hub.add(facts["repository"], files), "sha256": {}}
    (tmp_path / "catalogue.json").write_text(json.dumps({"dinov2-small": facts}))
    monkeypatch.setenv("PODOBA_CATALOGUE", str(tmp_path / "catalogue.json"))
    with pytest.raises(ModelError, match="run `podoba models pull dinov2-small`"):
        find_model("dinov2-small", fetch=False)
    path = find_model("dinov2-small")
    assert path == cache / "models/hf/onnx-community/dinov2-small" / facts["revision"] / "onnx/model.onnx"
    assert list_models()["dinov2-small"] == path
    assert open_model("dinov2-small", threads=1).card.licence == "Apache-2.0"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("facebook/dinov2-large", r"did you mean hf:facebook/dinov2-large\?"),
        ("a/b@v1:onnx/x.onnx", r"did you mean hf:a/b@v1:onnx/x\.onnx\?"),
        ("Xenova/clip-vit-base-patch32", r"did you mean clip-vit-b32 or hf:Xenova/clip-vit-base-patch32\?"),
        ("clip-vit-base-patch32", r"did you mean clip-vit-b32\?"),
        ("facebook/dinov2-small", r"did you mean dinov2-small or hf:facebook/dinov2-small\?"),
        ("siglip2-bas", r"did you mean siglip2-base\?"),
        ("resnet50", r"did you mean timm/resnet50\?"),
        ("vit_small_patch14_dinov2.lvd142m", r"did you mean timm/vit_small_patch14_dinov2\.lvd142m\?"),
        ("a/b/c", "name photo or small, a published model"),
        ("models/x.onnx", "name photo or small, a published model"),
    ],
)
def test_names_that_lack_what_says_where_they_are_from(name: str, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        find_model(name)


def test_without_a_network_the_error_names_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(
        DownloadError, match=r"fetch the repository where there is a network, and name its folder instead"
    ) as caught:
        find_model("hf:someone/model")
    assert "\n" not in str(caught.value)
    assert "hf:someone/model" not in list_models()


def test_models_at_hand_are_listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make_model: MakeModel) -> None:
    monkeypatch.setattr(names, "bundled_folder", lambda name="small": tmp_path / name)
    pulled = Pulled(commit="c" * 40, graph="model.onnx")
    remember(Address("someone/model"), pulled)
    paths = [
        make_model("small/model.onnx"),
        make_model(f"cache/models/hf/someone/model/{pulled.commit}/model.onnx"),
        make_model("cache/models/timm/vit_small_patch14_dinov2.lvd142m.onnx"),
    ]
    found = ["small", "hf:someone/model", "timm/vit_small_patch14_dinov2.lvd142m"]
    assert list_models() == dict(zip(found, paths, strict=True))
    assert [find_model(name) for name in found] == paths


def test_a_model_is_copied_whole_or_not_at_all(tmp_path: Path) -> None:
    source = tmp_path / "a.onnx"
    source.write_bytes(b"model")
    copy_model(source, tmp_path / "made" / "b.onnx")
    assert (tmp_path / "made" / "b.onnx").read_bytes() == b"model"
    with pytest.raises(ModelError, match="is the model itself"):
        copy_model(source, tmp_path / "made" / ".." / "a.onnx")
    with pytest.raises(ModelError, match="cannot be written"):
        copy_model(source, source / "b.onnx")
    assert source.read_bytes() == b"model"
