"""Random folders through index, search, duplicates --move-to and --undo: every picture that was there is there, byte for byte.

A few folders are tried here; `PODOBA_FULL=1` (`make fuzz`) goes on for `PODOBA_SECONDS` (two hours where it is not set).
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import os
import shutil
import stat
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import HealthCheck, note, settings
from hypothesis import given as given_values
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from podoba.cli.main import run
from podoba.collection.collection import Collection

FULL = os.environ.get("PODOBA_FULL") == "1"
SECONDS = float(os.environ.get("PODOBA_SECONDS", "7200")) if FULL else 0.0
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "tif": "TIFF", "JPEG": "JPEG", "avif": "AVIF"}
AS_IT_WAS = ("same", "half", "quality", "dated")  # what may be kept instead of each other
CHANGES = (*AS_IT_WAS, "mirrored", "grey", "caption", "crop", "cut", "flipped bit")
SAFE = ("identical", "same picture")
STRICT = [*SAFE, "flipped or rotated", "cropped or edited"]
NAMES = (
    "a", "B", "IMG_0001", "img 2", "-k", "--help", "$x_$", "_hidden", "été", "e\u0301te\u0301", "фото", "照片", "x" * 120,
    "new\nline", "q'u\"o", "id:1", "a,b;c", "%41", "*", "[a]", "..b", "b..", "\udcff\udcfe", "👍", "\u202eabc",
)  # fmt: skip


@dataclass(frozen=True)
class File:
    """A picture to write: in which folder, under which stem, which picture and what was done to it."""

    folder: str
    stem: str
    picture: int
    change: str
    ending: str
    companion: str | None


@dataclass(frozen=True)
class World:
    """What lies on the disk, how it is indexed, and what is moved."""

    files: list[File]
    links: list[tuple[str, int]]  # kind, number of a file
    roots: list[str]
    away: bool  # whether the folder `usb` is not mounted at the second run
    kinds: list[str] | None
    keep: list[str]
    target: str
    twice: bool


names = st.one_of(
    st.sampled_from(NAMES),
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12),
).filter(lambda name: name.strip(".") and len(os.fsencode(name)) < 200)
folders = st.sampled_from(["", "usb", "usb/inside", "train", "cats", "cats/old", "@eaDir", "$x$", "deep/" * 12 + "end"])
files = st.builds(
    File,
    folders,
    names,
    st.sampled_from([0, 0, 0, 0, 1, 1, 2, 4, 4, 5]),
    st.sampled_from([*AS_IT_WAS, *CHANGES]),
    st.sampled_from(["jpg", "jpg", "png", *FORMATS]),
    st.sampled_from([None, None, None, "xmp", "aae", "mov"]),
)
worlds = st.builds(
    World,
    st.lists(files, min_size=2, max_size=14),
    st.lists(st.tuples(st.sampled_from(["link", "hard link", "folder link", "fifo"]), st.integers(0, 13)), max_size=4),
    st.lists(
        st.sampled_from(["real", "real", "link", "real/cats", "list.csv", "pack.zip", "other", "REAL"]),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    st.booleans(),
    st.sampled_from([None, None, ["identical"], STRICT]),
    st.sampled_from([[], [], ["oldest"], ["largest"], ["format:jpeg,png"], ["folder:real/cats", "fewest-bytes"]]),
    st.sampled_from(["moved", "moved", "real/moved", "link/cats/moved", "aside"]),
    st.booleans(),
)


def test_nothing_is_lost_whatever_lies_in_the_folders() -> None:
    until = time.monotonic() + SECONDS
    _some_worlds()
    while time.monotonic() < until:
        _some_worlds()


def _some_worlds() -> None:
    @settings(
        max_examples=40 if FULL else 12,
        deadline=None,
        derandomize=not FULL,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given_values(worlds)
    def some(world: World) -> None:
        with tempfile.TemporaryDirectory() as place:
            _live(world, Path(place))

    some()


def _live(world: World, place: Path) -> None:
    (place / "real").mkdir()
    written = _write(world, place)
    before = _inventory(place)
    collection = place / "c.podoba"
    roots = [root for root in world.roots if (place / root).exists()] or ["real"]
    if _podoba(place, "index", collection, *roots)[0]:
        assert _inventory(place) == before
        return  # no picture at all: one line says so
    assert _inventory(place) == before
    with Collection.open(collection, read_only=True) as opened:
        indexed = len(opened)
    _without_usb(world, place, collection, roots, indexed)
    assert _inventory(place) == before
    query = next((path for path, file in written.items() if file.change == "same"), None)
    if query is not None and indexed:
        assert _podoba(place, "search", "--json", "--", collection, query)[0] == 0
    for _ in range(2 if world.twice else 1):
        _move(world, place, collection, written, before)
    log = place / world.target / "moved.csv"
    if log.exists():
        code, said = _podoba(place, "duplicates", collection, "--undo", log)
        assert code == 0, said
    after = _inventory(place)
    assert {path: after.get(path) for path in before} == before
    assert _podoba(place, "index", collection, *roots)[0] == 0
    code, said = _podoba(place, "check", collection)
    assert code == 0, said


def _move(world: World, place: Path, collection: Path, written: dict[Path, File], original: dict[Path, str]) -> None:
    """Move copies: all bytes stay, and of each moved picture one as good is still in its place."""
    before = _inventory(place)
    kinds = [word for kind in world.kinds or [] for word in ("--kind", kind)]
    rules = [word for rule in world.keep for word in ("--keep", rule)]
    code, said = _podoba(place, "duplicates", collection, *kinds, *rules, "--move-to", place / world.target)
    after = _inventory(place)
    if code:
        assert after == before, said
        return
    moved = {path for path in before if path not in after}
    assert {path: after[path] for path in before if path in after} == {p: before[p] for p in before if p not in moved}
    outside = (place / world.target).resolve()
    arrived = Counter(digest for path, digest in after.items() if path not in before)
    assert arrived == Counter(before[path] for path in moved), said
    assert all(path.is_relative_to(outside) for path in after if path not in before)
    with contextlib.ExitStack() as stack:
        if moved:
            rows = list(csv.reader(stack.enter_context((outside / "moved.csv").open(newline="", errors="surrogateescape"))))
            assert len(rows) >= len(moved)
    for path in moved & set(written):
        file = written[path]
        note(f"moved: {file}")
        left = [written[other] for other in written if other in after and written[other].picture == file.picture]
        good = AS_IT_WAS if file.change in AS_IT_WAS and world.kinds != STRICT else CHANGES[:-2]
        assert any(other.change in good for other in left), (file, left, said)
        if not world.keep and file.change not in ("grey", "cut", "flipped bit"):
            assert any(other.change not in ("grey", "cut", "flipped bit") for other in left), (file, left, said)
        beside = path.with_suffix(f".{file.companion}") if file.companion else None
        if beside is not None and beside in original:
            assert beside in moved or _shared(beside, after), (file, said)


def _shared(companion: Path, after: dict[Path, str]) -> bool:
    """Whether another picture of the same stem is still there, whose companion it is too."""
    return any(path.stem == companion.stem and path.parent == companion.parent and path != companion for path in after)


def _without_usb(world: World, place: Path, collection: Path, roots: list[str], count: int) -> None:
    """Index while `usb` is not mounted: an empty folder lies in its place, and no item may vanish."""
    if not world.away or not (place / "real" / "usb").exists():
        return
    (place / "real" / "usb").rename(place / "usb that is not mounted")
    (place / "real" / "usb").mkdir()
    (place / "real" / "usb" / ".DS_Store").write_bytes(b"")
    _podoba(place, "index", collection, *roots)
    shutil.rmtree(place / "real" / "usb")
    (place / "usb that is not mounted").rename(place / "real" / "usb")
    with Collection.open(collection, read_only=True) as opened:
        assert len(opened) == count


def _write(world: World, place: Path) -> dict[Path, File]:
    written: dict[Path, File] = {}
    for file in world.files:
        if file.change == "flipped bit" and file.ending != "png":  # PNG alone has checksums: elsewhere it may be a paler pixel
            file = replace(file, change="same")
        folder = place / "real" / file.folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{file.stem}.{file.ending}"
        if path.exists():
            continue
        path.write_bytes(_bytes_of(file))
        written[path] = file
        if file.companion:
            path.with_suffix(f".{file.companion}").write_bytes(f"of {file}".encode())
    paths = list(written)
    for number, (kind, chosen) in enumerate(world.links):
        target, new = paths[chosen % len(paths)], place / "real" / f"link {number}.jpg"
        match kind:
            case "link":
                new.symlink_to(target)
            case "hard link":
                os.link(target, new)
                written[new] = written[target]
            case "folder link":
                (place / "real" / f"folder {number}").symlink_to(target.parent)
            case "fifo":
                os.mkfifo(new)
    (place / "link").symlink_to("real")
    (place / "away from here").mkdir()
    (place / "aside").symlink_to("away from here")
    (place / "other").mkdir()
    for path in paths[:3]:
        copy = place / "other" / path.name
        shutil.copyfile(path, copy)
        written[copy] = written[path]
    with (place / "list.csv").open("w", newline="", encoding="utf-8", errors="surrogateescape") as listing:
        rows = csv.writer(listing)
        rows.writerow(["path", "label"])
        for path in paths[:6]:
            if path.name.isprintable():
                rows.writerow([f"link/../real/./{path.relative_to(place / 'real')}", "x"])
    with zipfile.ZipFile(place / "pack.zip", "w") as pack:
        for path in paths[:4]:
            if path.name.isprintable():
                pack.write(path, path.name)
    return written


def _bytes_of(file: File) -> bytes:
    picture = _picture(file.picture)
    match file.change:
        case "half":
            picture = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
        case "mirrored":
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        case "grey":
            picture = picture.convert("L").convert("RGB")
        case "caption":
            ImageDraw.Draw(picture).rectangle((0, 0, picture.width, picture.height // 5), fill="white")
        case "crop":
            picture = picture.crop((20, 15, picture.width - 10, picture.height - 12))
    options: dict[str, Any] = {"quality": 50 if file.change == "quality" else 92} if file.ending in ("jpg", "webp") else {}
    if file.change == "dated" and file.ending == "jpg":
        exif = Image.Exif()
        exif[0x010F], exif[0x0132] = "Camera", "2020:01:02 03:04:05"
        options["exif"] = exif
    buffer = io.BytesIO()
    picture.save(buffer, FORMATS[file.ending], **options)
    data = bytearray(buffer.getvalue())
    if file.change == "cut":
        return bytes(data[: len(data) * 2 // 3])
    if file.change == "flipped bit":
        data[len(data) // 2] ^= 16
    return bytes(data)


def _picture(number: int) -> Image.Image:
    """Coloured noise, coarse enough to be compared; the last two are pages that differ in their words."""
    rng = np.random.default_rng(number)
    if number < 4:
        coarse = rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)
        return Image.fromarray(coarse).resize((240, 180), Image.Resampling.BICUBIC)
    page = Image.new("RGB", (240, 320), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((10, 10, 230, 40), fill=(30, 60, 120))
    for row in range(18):
        x = 14.0
        while x < 200:
            width = float(rng.integers(8, 34))
            draw.rectangle((x, 55 + 14 * row, x + width, 61 + 14 * row), fill=(20, 20, 20))
            x += width + 6
    return page


def _inventory(place: Path) -> dict[Path, str]:
    """What every regular file holds, links not followed; without what podoba writes itself."""
    held: dict[Path, str] = {}
    for folder, inner, found in os.walk(place):
        inner[:] = [name for name in inner if name != "c.podoba.index" and not name.startswith("c.podoba")]
        for name in found:
            path = Path(folder, name)
            if not name.startswith("c.podoba") and name not in (".DS_Store", "moved.csv") and stat.S_ISREG(path.lstat().st_mode):
                held[path] = hashlib.sha256(path.read_bytes()).hexdigest()
    return {_at_home(path, place): digest for path, digest in held.items()}


def _at_home(path: Path, place: Path) -> Path:
    away = place / "usb that is not mounted"
    return place / "real" / "usb" / path.relative_to(away) if path.is_relative_to(away) else path


def _podoba(place: Path, *words: object) -> tuple[int, str]:
    """Run a command in this process: its exit code and what it said; never a fault of its own."""
    arguments = ["podoba", *(os.fspath(word) if isinstance(word, Path) else str(word) for word in words)]
    with _inside(place), patch.object(sys, "argv", arguments), io.StringIO() as out:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                run()
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
        said = out.getvalue()
    note(f"{arguments} -> {code}\n{said}")
    assert "a fault in podoba" not in said, said
    assert "Traceback" not in said, said
    return code, said


@contextlib.contextmanager
def _inside(place: Path) -> Iterator[None]:
    old = Path.cwd()
    os.chdir(place)
    try:
        yield
    finally:
        os.chdir(old)
