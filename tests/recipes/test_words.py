"""The recipe of words: a small text tower, taught on coloured shapes, finds pictures it never saw, in two languages."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image, ImageDraw
from tokenizers.decoders import ByteLevel

from podoba.collection.collection import Collection
from podoba.models.text import TextEncoder, text_path
from recipes.words import teach
from recipes.words.tower import Tower, TowerSettings, learn_tokenizer

COLOURS = {"red": ((210, 40, 40), "червон"), "blue": ((40, 60, 210), "син"), "mint": ((120, 230, 190), "м'ятн")}
SHAPES = {"circle": "коло", "triangle": "трикутник", "cross": "хрест"}
ENDINGS = {"коло": {"син": "синє"}, "трикутник": {"син": "синій"}, "хрест": {"син": "синій"}}


def in_ukrainian(colour: str, shape: str) -> str:
    """`червоне коло`, with the ending that fits."""
    stem, noun = COLOURS[colour][1], SHAPES[shape]
    adjective = ENDINGS[noun].get(stem, stem + ("е" if noun == "коло" else "ий"))
    return f"{adjective} {noun}"


def draw(path: Path, colour: str, shape: str, rng: np.random.Generator) -> None:
    """A shape of any size at any place, on grey noise."""
    image = Image.fromarray(rng.integers(90, 160, (64, 64, 1), dtype=np.uint8).repeat(3, axis=2))
    pen, size = ImageDraw.Draw(image), int(rng.integers(24, 44))
    x, y = (int(rng.integers(4, 60 - size)) for _ in range(2))
    fill, box = COLOURS[colour][0], (x, y, x + size, y + size)
    if shape == "circle":
        pen.ellipse(box, fill=fill)
    elif shape == "triangle":
        pen.polygon([(x + size / 2, y), (x, y + size), (x + size, y + size)], fill=fill)
    else:
        third = size // 3
        pen.rectangle((x + third, y, x + size - third, y + size), fill=fill)
        pen.rectangle((x, y + third, x + size, y + size - third), fill=fill)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that was taught its words, and of the pictures: 20 to learn from and 12 to find of each kind."""
    root, rng = tmp_path_factory.mktemp("taught"), np.random.default_rng(0)
    names = {f"{colour} {shape}": [in_ukrainian(colour, shape)] for colour in COLOURS for shape in SHAPES}
    for part, count in (("train", 20), ("test", 12)):
        for colour in COLOURS:
            for shape in SHAPES:
                for i in range(count):
                    draw(root / part / f"{colour}_{shape}" / f"{i}.png", colour, shape, rng)
    (root / "names.yaml").write_text(yaml.safe_dump(names, allow_unicode=True), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        arguments = ["small", "--train", root / "train", "--test", root / "test", "--names", root / "names.yaml"]
        quick = ["--steps", "100", "--vocabulary", "500", "--out", root / "words"]
        patch.setattr(sys, "argv", ["teach", *map(str, [*arguments, *quick])])
        teach.main()
    with Collection.open(root / "shapes.podoba", create=True) as collection:
        collection.update([root / "test"], model=str(root / "words" / "small.onnx"))
    return root


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("red circle", "red_circle"),
        ("a photo of a blue triangle", "blue_triangle"),
        ("синє коло", "blue_circle"),
        ("червоний хрест", "red_cross"),
        ("м'ятний трикутник", "mint_triangle"),
        ("м’ятний трикутник", "mint_triangle"),
        (unicodedata.normalize("NFD", "синій трикутник"), "blue_triangle"),
        ("СИНІЙ ХРЕСТ", "blue_cross"),
    ],
)
def test_words_find_pictures_that_were_never_seen(taught: Path, said: str, kind: str) -> None:
    with Collection.open(taught / "shapes.podoba", read_only=True) as collection:
        found = collection.search(f"text:{said}", k=10)
    assert sum(hit.label == kind for hit in found) >= 6  # one in nine by chance
    assert found.hits[0].label == kind


def test_a_picture_and_words_find_what_is_like_both(taught: Path) -> None:
    """A red circle, but blue."""
    with Collection.open(taught / "shapes.podoba", read_only=True) as collection:
        found = collection.search([str(taught / "test" / "red_circle" / "0.png"), "text:blue circle"], unwanted="text:red", k=10)
    assert sum(hit.label == "blue_circle" for hit in found) >= 5


def test_what_was_measured_is_printed(taught: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from podoba.models.names import open_model

    model = taught / "words" / "small.onnx"
    names: dict[str, Any] = yaml.safe_load((taught / "names.yaml").read_text(encoding="utf-8"))
    teach.judge(open_model(str(model), 1), TextEncoder(text_path(model)), [str(taught / "test")], names, 1000)
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    assert [row[1] for row in rows] == ["English", "Ukrainian"]
    assert all(float(row[2]) > 0.5 and row[4].rstrip(" |") == "0.111" for row in rows)


def test_a_tower_is_small_and_counts_no_padding(taught: Path) -> None:
    import torch

    assert text_path(taught / "words" / "small.onnx").stat().st_size < 1_000_000
    tower = Tower(20, 4, TowerSettings()).eval()
    tokens, mask = torch.tensor([[3, 4, 0, 0]]), torch.tensor([[1, 1, 0, 0]])
    torch.testing.assert_close(tower(tokens, mask), tower(tokens[:, :2], mask[:, :2]))
    torch.testing.assert_close(tower(tokens, mask).norm(dim=1), torch.ones(1))


def test_no_text_is_unknown_to_the_tokenizer() -> None:
    tokenizer = learn_tokenizer(["red circle", "синє коло"], TowerSettings(vocabulary=300))
    tokenizer.decoder = ByteLevel()
    for text in ("Red Circle", "снігур", "漢字 🦉"):
        assert tokenizer.decode(tokenizer.encode(text).ids).strip() == text.lower()
    assert tokenizer.encode("RED").ids == tokenizer.encode("red").ids
