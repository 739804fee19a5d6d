"""The layers of a network as a table."""

from __future__ import annotations

from collections.abc import Sequence

from podoba.cli.console import print_json, print_table


def print_layers(rows: Sequence[tuple[str, str, int, int]], as_json: bool) -> None:
    """Rows (layer, output shape, parameters, of them trainable), and the sums of both counts."""
    total, trainable = sum(row[2] for row in rows), sum(row[3] for row in rows)
    if as_json:
        layers = [dict(zip(("layer", "output", "parameters", "trainable_parameters"), row, strict=True)) for row in rows]
        print_json({"layers": layers, "parameters": total, "trainable_parameters": trainable})
        return
    print_table(
        ("layer", "output", "parameters", "trainable"),
        [(name, shape, f"{parameters:,}", f"{learning:,}") for name, shape, parameters, learning in rows],
        total=("total", "", f"{total:,}", f"{trainable:,}"),
    )
