"""Sources into a folder of shards, while machines and the program itself die: every image once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from podoba.collection.collection import Collection
from podoba.errors import PodobaError, SourceError
from podoba.executor import ProcessExecutor
from podoba.images.sources.open import open_source
from podoba.scale.encoding.importing import import_shards
from podoba.scale.index import IntoReport, index_into, raise_for_failed
from podoba.scale.ray_executor import open_executor
from podoba.scale.shards.listing import list_shards
from podoba.scale.shards.settings import ShardSettings
from tests.scale.servers.ray_cluster import ROOT, Cluster

SMALL = ShardSettings(images=4)
Write = Callable[[Path, int], Path]


def images_in(out: Path) -> list[str]:
    """The names of the images in all files of a folder, sorted."""
    return sorted(uri for path in out.glob("*.parquet") for uri in pq.read_table(path).column("uri").to_pylist())


def parts(out: Path) -> list[str]:
    return [path.name for path in out.iterdir() if path.suffix != ".parquet" and not path.name.endswith(".json")]
