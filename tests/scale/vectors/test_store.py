"""A server that is killed while it is written to: nothing that it acknowledged is lost, and nothing is there twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from podoba.scale.vectors.open import create_vectors
from tests.scale.servers.milvus import MilvusProcess
from tests.scale.vectors.conftest import QUICK, make_item, make_model, unit

pytestmark = pytest.mark.scale
EACH = 100


def test_nothing_acknowledged_is_lost(milvus_server: MilvusProcess, new_address: Callable[[], str]) -> None:
    patient = replace(QUICK, patience=90.0, seconds=10.0)
    descriptors = unit(EACH)
    with create_vectors(new_address(), make_model(), "tiny", settings=patient) as vectors:
        acknowledged, failed, stop = list[int](), list[Exception](), threading.Event()

        def write() -> None:
            batch = 0
            try:
                while not stop.is_set():
                    vectors.store.put([make_item(EACH * batch + row) for row in range(EACH)], descriptors)
                    acknowledged.append(batch)
                    batch += 1
            except Exception as error:
                failed.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        while len(acknowledged) < 8 and not failed:
            time.sleep(0.01)
        milvus_server.kill()
        before = len(acknowledged)
        milvus_server.start()  # on the same folder; meanwhile the writer tries again
        until = time.monotonic() + 60
        while len(acknowledged) < before + 3 and not failed and time.monotonic() < until:
            time.sleep(0.05)
        stop.set()
        writer.join(timeout=120)
        assert not failed
        assert len(acknowledged) >= before + 3
        numbers = vectors.store.items.numbers()
        assert len(np.unique(numbers)) == len(numbers) == len(vectors.store.items) == EACH * len(acknowledged)
        items = vectors.store.items.of_numbers(numbers)
        assert {item.id for item in items.values()} == {make_item(row).id for row in range(EACH * len(acknowledged))}
        found = vectors.nearest(descriptors[3], 1, carry=True)
        assert found.descriptors is not None
        np.testing.assert_array_equal(found.descriptors[0, 0], descriptors[3])
