"""`podoba import`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from podoba.models.bundled import DEFAULT_MODEL
from podoba.scale.encoding.encode import encode_shard
from podoba.scale.shards.listing import list_shards
from podoba.scale.shards.settings import ShardSettings

Command = Callable[..., Any]


def test_descriptors_go_out_and_come_back(command: Command, collection: Path, tmp_path: Path) -> None:
    command("export", collection, tmp_path / "out.parquet")
    done = command("import", tmp_path / "new.podoba", tmp_path / "out.parquet", "--json")
    counts = {"rows": 36, "added": 36, "replaced": 0, "skipped": []}
    assert done.json == {"collection": str(tmp_path / "new.podoba"), **counts, "why_exact": None}
    assert "36 replaced" in command("import", tmp_path / "new.podoba", tmp_path / "out.parquet").err
    assert command("check", tmp_path / "new.podoba").code == 0
    assert command("import", tmp_path / "new.podoba", tmp_path / "none.csv").code == 1


def test_a_row_without_direction_is_named(command: Command, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('uri,descriptor\na.jpg,"[1, 2]"\nb.jpg,"[0, NaN]"\nc.jpg,"[2, 1]"\n')
    done = command("import", tmp_path / "new.podoba", tmp_path / "x.csv", "--model", "elsewhere")
    assert done.code == 0
    assert f"skipped: {tmp_path / 'b.jpg'}: its descriptor, of row 2, is missing, zero or not finite\n" in done.err
    assert "3 rows read: 2 items added, 0 replaced" in done.err


def test_a_folder_of_shards_is_imported_once(command: Command, pictures: Path, tmp_path: Path) -> None:
    source, out, made = pictures / "train", tmp_path / "out", tmp_path / "new.podoba"
    shards = list_shards([str(source)], ShardSettings(images=10))
    reports = [encode_shard(shard, DEFAULT_MODEL, str(out)) for shard in shards]
    done = command("import", made, out, "--json").json
    assert (done["shards"], done["known"], done["stale"]) == (len(reports), 0, 0)
    assert done["added"] == done["rows"] == sum(report.images for report in reports)
    assert f"0 shards read, {len(reports)} were imported before: 0 items added" in command("import", made, out).err
    assert command("index", made, source, "--json").json["unchanged"] == done["rows"]
    failed = command("import", tmp_path / "none.podoba", tmp_path)
    assert (failed.code, failed.err.count("\n")) == (1, 1)
    assert "no shards are there" in failed.err
    assert not (tmp_path / "none.podoba").exists()
