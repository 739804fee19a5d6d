"""Collections with copies of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from podoba.collection.collection import Collection
from podoba.serve.jobs.report import Report
from podoba.serve.review.finding import find
from podoba.serve.review.review import Choice, Review


def draw_photograph(seed: int, size: tuple[int, int] = (240, 180)) -> Image.Image:
    """Coloured noise whose spectrum falls as that of a photograph does."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(size[1])[:, None], np.fft.fftfreq(size[0])) + 1 / max(size)
    layers = [np.fft.ifft2(np.fft.fft2(rng.standard_normal(size[::-1])) / frequency**1.5).real for _ in range(3)]
    pixels = np.stack([128 + 45 * layer / layer.std() for layer in layers], axis=2)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def draw_copies(folder: Path) -> None:
    """Eight photographs; of some a copy: two identical, two re-encoded and smaller, one mirrored, one cropped."""
    for name in ("album", "phone"):
        (folder / name).mkdir(parents=True)
    for seed in range(8):
        draw_photograph(seed).save(folder / "album" / f"{seed}.png")
    for seed in (0, 1):
        (folder / "phone" / f"{seed}-again.png").write_bytes((folder / "album" / f"{seed}.png").read_bytes())
    draw_photograph(2).resize((120, 90)).save(folder / "phone" / "2-small.jpg", quality=80)
    draw_photograph(3).save(folder / "album" / "3-encoded.jpg", quality=60)
    ImageOps.mirror(draw_photograph(4)).save(folder / "phone" / "4-mirrored.png")
    draw_photograph(5).crop((30, 20, 230, 170)).save(folder / "phone" / "5-cropped.png")


@dataclass
class Pictures:
    """A collection of copies, and the job that finds them."""

    folder: Path
    path: Path
    collection: Collection
    review: Review

    def update(self) -> None:
        """Index the folder, and find what there is now."""
        self.collection.update([self.folder], "small")
        find(self.path, {}, Report(lambda said: None))

    def named(self, group: Any) -> dict[str, bool]:
        """Which files of a group stay."""
        return {Path(member.item.uri).name: member.stays for member in group.members}

    def group_with(self, name: str) -> Any:
        """The group that has a file of this name."""
        return next(group for group in self.review.standing().groups if name in self.named(group))

    def decide(self, name: str, *keep: str) -> int:
        """Keep these files of the group that has a file of this name."""
        group = self.group_with(name)
        ids = [member.item.id for member in group.members if Path(member.item.uri).name in keep]
        return self.review.decide([Choice(group.key, ids, group.decision)])


@pytest.fixture
def pictures(tmp_path: Path) -> Iterator[Pictures]:
    """Copies in a folder, indexed and found."""
    folder, path = tmp_path / "pictures", tmp_path / "pictures.podoba"
    draw_copies(folder)
    with Collection.open(path, create=True) as collection:
        made = Pictures(folder, path, collection, Review(collection))
        made.update()
        yield made
