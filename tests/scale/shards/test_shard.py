"""A shard goes to another machine as it is."""

from __future__ import annotations

import json
import pickle

from podoba.scale.shards.shard import Shard


def test_a_shard_is_pickled_and_written_as_json() -> None:
    shard = Shard("/photos", "records", {"records": [["/photos/\udcff.jpg", None, None, "1-2", {"price": 1.5}]]}, "0" * 64, 1)
    assert pickle.loads(pickle.dumps(shard)) == shard
    assert Shard(**json.loads(json.dumps(vars(shard)))) == shard
