"""`podoba info`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_what_a_collection_holds(command: Command, collection: Path) -> None:
    facts = command("info", collection, "--json").json
    assert (facts["items"], facts["dim"], facts["index"]["kind"]) == (36, 8, "exact")
    assert facts["devices"] == ["cpu"]
    printed = command("info", collection).out
    assert "items: 36\n" in printed
    assert "devices: cpu\n" in printed
