"""Studies in which a quantity of each variant is what a test says, without any run folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podoba.report.study.read.measured import Measured
from podoba.study.folder import Cell, Study, Variant
from podoba.study.plan import Plan

MakeVariant = Callable[..., Variant]


@pytest.fixture
def variant() -> MakeVariant:
    """Makes a variant of a name, its values on the axes and its seeds; settings as `loss_name="triplet"`."""

    def make(name: str, values: dict[str, Any], seeds: tuple[int, ...] = (0, 1, 2), **settings: Any) -> Variant:
        nested: dict[str, Any] = {}
        for key, value in settings.items():
            group, _, setting = key.partition("_")
            nested.setdefault(group, {})[setting] = value
        cells = [
            Cell(f"{name}-{seed}", name, {}, seed, {**nested, "seed": seed}, Path(name), "done", None, None, [], {}, {})
            for seed in seeds
        ]
        return Variant(name, values, cells)

    return make


@pytest.fixture
def with_values() -> Callable[..., Measured]:
    """Makes a study of variants and the values of a quantity by variant, seed by seed; None: that seed is not finished."""

    def make(variants: list[Variant], quantity: str, values: dict[str, list[float | None]], **plan: Any) -> Measured:
        by_cell = {
            cell.key: {quantity: value}
            for variant in variants
            for cell, value in zip(variant.cells, values[variant.name], strict=True)
            if value is not None
        }
        return Measured(Study(Path("study"), Plan(**plan), variants), by_cell, {}, 1)

    return make


@pytest.fixture
def two(variant: MakeVariant) -> list[Variant]:
    """Two variants that differ in nothing but the loss."""
    return [variant("triplet", {}, loss_name="triplet"), variant("entropy", {}, loss_name="cross-entropy")]


@pytest.fixture
def losses_by_rates(variant: MakeVariant) -> list[Variant]:
    """A grid of three losses by two learning rates."""
    return [
        variant(f"{loss}-{rate}", {"loss.name": loss, "optimizer.lr": rate})
        for loss in ("cross-entropy", "triplet", "supcon")
        for rate in (0.1, 0.01)
    ]
