"""Names of models to files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.cache.download import Terms
from podoba.errors import DownloadError, ModelError
from podoba.models import names
from podoba.models.names import copy_model, find_model, list_models, open_model, timm_path

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
    with pytest.raises(ModelError, match="name photo or small, an"):
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


def test_timm_names_are_found_in_the_cache_or_tell_what_to_run(make_model: MakeModel) -> None:
    with pytest.raises(ModelError, match=r"podoba models pull timm/resnet50\.a1_in1k"):
        find_model("timm/resnet50.a1_in1k")
    path = make_model("cache/models/timm/resnet50.a1_in1k.onnx")
    assert find_model("timm/resnet50.a1_in1k") == path == timm_path("timm/resnet50.a1_in1k")
    for wrong in ("timm/", "timm/../../x", "timm/a/b", "timm/.hidden"):
        with pytest.raises(ModelError, match="not a name of timm's"):
            find_model(wrong)


def test_a_published_model_is_fetched_once(cache: Path, monkeypatch: pytest.MonkeyPatch, make_model: MakeModel) -> None:
    source = make_model("published.onnx")
    asked: list[str] = []

    def fetch(url: str, path: Path, *, terms: Terms) -> Path:
        asked.append(url)
        path.parent.mkdir(parents=True)
        path.write_bytes(source.read_bytes())
        return path

    monkeypatch.setattr(names, "download", fetch)
    assert open_model("hf:someone/some-model.v1").card.name == "tiny"
    assert open_model("hf:someone/some-model.v1").path == cache / "models/hf/someone/some-model.v1/model.onnx"
    assert asked == ["https://huggingface.co/someone/some-model.v1/resolve/main/model.onnx"]
    assert "hf:someone/some-model.v1" in list_models()
    for wrong in ("hf:", "hf:x", "hf:a/b/c", "hf:../x", "hf:a/..", "hf:a/b?c"):
        with pytest.raises(ModelError, match="<owner>/<repo>"):
            find_model(wrong)


def test_without_a_network_the_error_names_another_way(cache: Path) -> None:
    with pytest.raises(DownloadError, match=r"hf/someone/model/model\.onnx") as caught:
        find_model("hf:someone/model", hub="http://127.0.0.1:9")
    assert "\n" not in str(caught.value)
    assert "hf:someone/model" not in list_models()


def test_models_at_hand_are_listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make_model: MakeModel) -> None:
    monkeypatch.setattr(names, "bundled_folder", lambda name="small": tmp_path / name)
    paths = [
        make_model("small/model.onnx"),
        make_model("cache/models/timm/vit_small_patch14_dinov2.lvd142m.onnx"),
        make_model("cache/models/hf/someone/model/model.onnx"),
    ]
    found = ["small", "timm/vit_small_patch14_dinov2.lvd142m", "hf:someone/model"]
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
