"""The layers of a network that is not trained."""

from __future__ import annotations

import pytest

from podoba.learn.layers import layers_of
from podoba.runs.settings_file import load_settings

VGG = ("backbone.name=vgg16", "input_size=32")


@pytest.mark.parametrize(
    ("loss", "total", "trainable"), [("triplet", 15_240_000, 525_312), ("cross-entropy", 15_245_130, 530_442)]
)
def test_the_papers_networks(loss: str, total: int, trainable: int) -> None:
    rows = layers_of(load_settings(None, [*VGG, f"loss.name={loss}"], train="nowhere"), classes=10)
    assert (sum(row[2] for row in rows), sum(row[3] for row in rows)) == (total, trainable)


def test_classes_are_counted_where_nobody_says_how_many() -> None:
    settings = load_settings(None, [*VGG, "loss.name=cross-entropy"], train="digits")
    assert layers_of(settings) == layers_of(settings, classes=10) != layers_of(settings, classes=11)
