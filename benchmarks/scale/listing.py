"""Listing a bucket of very many names into shards: how much memory that takes, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from machine import peak_memory
from scale.endless_bucket import endless_bucket
from scale.figures import Figure

SOURCE = "s3://endless/photos"


def measure(names: int) -> list[Figure]:
    """List a bucket of so many names, and one of a hundredth of them to see what grows."""
    few, many = run(names // 100), run(names)
    return [
        Figure("names listed of S3 (a server that makes them up, by s3fs)", many["names"], "", names, names),
        Figure("shards", many["shards"]),
        Figure("keys of shards that differ", many["keys"], "", many["shards"]),
        Figure("memory at most", many["memory"] / 1e6, "MB", None, 300),
        Figure(f"memory at most for {names // 100:,} names", few["memory"] / 1e6, "MB"),
        Figure("names a second", many["names"] / many["seconds"]),
    ]


def run(names: int) -> dict[str, float]:
    """List in a fresh process."""
    with endless_bucket(names) as address:
        store = {
            "AWS_ENDPOINT_URL": address, "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
        }  # fmt: skip
        done = subprocess.run([sys.executable, "-m", "scale.listing"], env=os.environ | store, stdout=subprocess.PIPE, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    """In the fresh process."""
    from podoba.scale.shards.listing import list_shards

    begun = time.perf_counter()
    names = shards = 0
    keys = set()
    for shard in list_shards([SOURCE]):
        names += shard.count or 0
        shards += 1
        keys.add(shard.key)
    seconds = time.perf_counter() - begun
    print(json.dumps({"names": names, "shards": shards, "keys": len(keys), "memory": peak_memory(), "seconds": seconds}))


if __name__ == "__main__":
    main()
