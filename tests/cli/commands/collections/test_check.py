"""`podoba check`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_damage_is_repaired(command: Command, collection: Path, pictures: Path) -> None:
    connection = sqlite3.connect(collection)
    connection.execute("UPDATE items SET label = 'mauve' WHERE number = 3")
    connection.commit()
    connection.close()
    assert command("check", collection).code == 1
    done = command("check", collection, "--repair")
    assert (done.code, done.out) == (0, "")
    assert "removed, since it was damaged" in done.err
    assert "1 added, 0 changed, 0 moved, 0 vanished, 35 unchanged" in command("index", collection, pictures / "train").out


def test_nothing_to_mend(command: Command, collection: Path) -> None:
    assert command("check", collection).code == 0
    assert command("check", collection, "--json").json == {"collection": str(collection), "problems": [], "repaired": []}


def test_an_image_that_is_gone_is_named(command: Command, photos: Path, trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.podoba"
    command("index", path, photos, "--model", trained)
    (photos / "red" / "13.png").unlink()
    gone = command("check", path, "--json")
    assert gone.code == 1
    assert len(gone.json["problems"]) == 1
    assert "13.png" in gone.json["problems"][0]


def test_images_are_decoded_where_one_asks_for_it(command: Command, photos: Path, trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.podoba"
    command("index", path, photos, "--model", trained)
    broken = photos / "red" / "13.png"
    broken.write_bytes(broken.read_bytes()[:-60])
    assert command("check", path).code == 0
    done = command("check", path, "--images")
    assert done.code == 1
    assert f"{broken}: cut off" in done.out
