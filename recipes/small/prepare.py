"""Put some classes aside, so that the model can be calibrated on classes it never saw.

python recipes/small/prepare.py 'tiny-imagenet-train-*.parquet' --out runs/small-data
"""

from __future__ import annotations

import argparse
import glob
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

EVERY = 20  # one class in so many is put aside, by the order of their names: with WordNet ids they are of many kinds


def main() -> None:
    """Write `seen.parquet` and `unseen.parquet`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", help="Parquet files of the training images (a pattern)")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    files = sorted(glob.glob(arguments.train))
    if not files:
        parser.error(f"{arguments.train}: no such files")
    table = pa.concat_tables([pq.read_table(file) for file in files])
    classes = sorted(set(table["label"].to_pylist()))
    aside = pc.is_in(table["label"], pa.array(unseen(classes)))
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, rows in (("seen", pc.invert(aside)), ("unseen", aside)):
        part = table.filter(rows)
        pq.write_table(part, arguments.out / f"{name}.parquet", row_group_size=500)
        print(f"{name}: {len(part)} images, {len(set(part['label'].to_pylist()))} classes")


def unseen(classes: list[str]) -> list[str]:
    """The classes put aside, of all classes sorted by name."""
    return classes[EVERY // 2 :: EVERY]


if __name__ == "__main__":
    main()
