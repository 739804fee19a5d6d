"""Published text towers as files of ours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from podoba.errors import ModelError
from podoba.models.bundled import bundled_folder
from podoba.models.encoder import Encoder
from podoba.models.foreign.importing import import_folder
from podoba.models.foreign.text_tower import import_text
from podoba.models.text import TextEncoder, text_path
from published_layouts import layouts

CLIP, SIGLIP = "Xenova/clip-vit-base-patch32", "onnx-community/siglip2-base-patch16-224-ONNX"
XLMR, MOBILE = "immich-app/XLM-Roberta-Base-ViT-B-32__laion5b_s13b_b90k", "Xenova/mobileclip_s0"


def unpack(repository: str, folder: Path) -> tuple[Path, Path]:
    """The files of a repository in a folder, and the model of its pictures."""
    for name, content in layouts()[repository].items():
        path = folder / "repository" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    model = folder / "model.onnx"
    import_folder(folder / "repository", model)
    return folder / "repository", model


@pytest.mark.parametrize(
    ("repository", "length", "whole", "padding"),
    [(CLIP, 77, False, 1), (SIGLIP, 64, True, 1), (XLMR, 77, True, 1), (MOBILE, 77, True, 1)],
)
def test_each_layout_becomes_a_tower_of_its_model(
    tmp_path: Path, repository: str, length: int, whole: bool, padding: int
) -> None:
    folder, model = unpack(repository, tmp_path)
    card = import_text(folder, text_path(model), model=model)
    pictures = Encoder(model, 1)
    assert (card.length, card.whole_length, card.padding) == (length, whole, padding)
    assert (card.dim, card.fingerprint, card.model) == (pictures.card.dim, pictures.fingerprint, pictures.card.name)
    tower = TextEncoder(text_path(model), 1).check(pictures.fingerprint, "model")
    words = tower.encode(["red", "червоний", "red"])
    assert words.shape == (3, card.dim)
    np.testing.assert_allclose(np.linalg.norm(words, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(words[0], words[2])
    assert not np.allclose(words[0], words[1], atol=1e-3)


def test_words_are_described_as_by_the_published_graph(tmp_path: Path) -> None:
    import onnxruntime

    folder, model = unpack(CLIP, tmp_path)
    import_text(folder, text_path(model), model=model)
    published = onnxruntime.InferenceSession(str(folder / "onnx/text_model.onnx"))
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    tokens = np.array([[vocabulary["<s>"], vocabulary["dark"], vocabulary["red"], vocabulary["</s>"]]])
    expected = published.run(["text_embeds"], {"input_ids": tokens})[0]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(TextEncoder(text_path(model), 1).encode(["dark red"]), expected, atol=1e-6)


def test_equal_files_make_equal_towers(tmp_path: Path) -> None:
    folder, model = unpack(XLMR, tmp_path)
    first, second = tmp_path / "a.text.onnx", tmp_path / "b.text.onnx"
    import_text(folder, first, model=model)
    import_text(folder, second, model=model)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("settings", "length", "padding", "small"),
    [
        ({}, 77, 0, False),
        ({"model_max_length": 32, "pad_token": {"content": "</s>"}}, 32, 2, False),
        ({"model_max_length": 10**30, "pad_token": "dark", "do_lower_case": True}, 77, 7, True),
    ],
)
def test_limits_are_those_of_the_tokenizer(
    tmp_path: Path, settings: dict[str, object], length: int, padding: int, small: bool
) -> None:
    folder, model = unpack(CLIP, tmp_path)
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    card = import_text(folder, text_path(model), model=model)
    assert (card.length, card.padding, card.lower_case) == (length, padding, small)


def test_what_cannot_be_a_tower_of_this_model_is_refused(tmp_path: Path) -> None:
    folder, model = unpack(CLIP, tmp_path)
    out = text_path(model)
    tokenizer = (folder / "tokenizer.json").read_bytes()
    (folder / "tokenizer.json").write_bytes(b"{")
    with pytest.raises(ModelError, match=r"tokenizer\.json: damaged"):
        import_text(folder, out, model=model)
    (folder / "tokenizer.json").write_bytes(b"[]")
    with pytest.raises(ModelError, match=r"tokenizer\.json: no settings"):
        import_text(folder, out, model=model)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"has no tokenizer\.json, and without it words cannot be read"):
        import_text(folder, out, model=model)
    (folder / "tokenizer.json").write_bytes(tokenizer)
    with pytest.raises(ModelError, match="none of its outputs is known to be a descriptor"):
        import_text(folder, out, model=model, file="onnx/vision_model.onnx")
    small = bundled_folder("small") / "model.onnx"
    with pytest.raises(ModelError, match="describes words by 16 numbers, and pictures are described by 256: they are not of one"):
        import_text(folder, out, model=small)
    assert not out.exists()
