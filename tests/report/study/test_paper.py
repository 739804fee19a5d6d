"""What is the paper's alone: its numbers, its claims, and what is measured on its images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from podoba.errors import SettingsError
from podoba.report.study.find.claim_tests import examine_claims
from podoba.report.study.paper import (
    CIFAR10_QUANTITIES,
    CLAIMS,
    CLASSES,
    VEHICLES,
    claims_of_plan,
    of_cifar10,
    tables_in_its_form,
)
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.quantities import QUANTITIES
from podoba.report.study.table import Table, to_markdown
from podoba.runs.settings_file import dotted
from podoba.study.folder import Cell


def tables_of(measured: Measured, **options: Any) -> list[Table]:
    return list(tables_in_its_form(measured, **options).tables.values())


def test_cifar_has_numbers_of_its_own() -> None:
    counts = np.random.default_rng(0).integers(1, 50, (10, 10))
    got = of_cifar10(CLASSES, counts)
    crossing = sum(
        counts[i, j] for i, a in enumerate(CLASSES) for j, b in enumerate(CLASSES) if (a in VEHICLES) != (b in VEHICLES)
    )
    share = counts / counts.sum(axis=1, keepdims=True)
    truck, automobile, cat, dog = (CLASSES.index(name) for name in ("truck", "automobile", "cat", "dog"))
    others = [share[truck, j] for j in range(10) if j not in (truck, automobile)]
    assert got["other_kind_share"] == pytest.approx(crossing / counts.sum())
    assert got["truck_to_automobile_lead"] == pytest.approx(share[truck, automobile] - max(others))
    assert got["truck_automobile_asymmetry"] == pytest.approx(share[truck, automobile] - share[automobile, truck])
    leads = [share[a, b] - max(share[a, j] for j in range(10) if j not in (a, b)) for a, b in ((cat, dog), (dog, cat))]
    assert got["cat_dog_lead"] == pytest.approx(min(leads))
    assert set(got) == set(CIFAR10_QUANTITIES)
    assert of_cifar10(CLASSES[:9], counts[:9, :9]) == of_cifar10(CLASSES, counts * 0) == {}


def test_the_papers_form_is_a_table_a_loss(measured: Measured) -> None:
    tables = tables_of(measured)
    assert [(table.name, len(table.columns)) for table in tables] == [("paper-form-cross-entropy", 5), ("paper-form-triplet", 4)]
    assert [len(table.rows) for table in tables] == [6, 6]


def of_the_paper(measured: Measured, queries: int, **head: Any) -> Measured:
    """The study as if it were judged on so many CIFAR-10 images."""

    def changed(cell: Cell) -> Cell:
        settings = cell.settings | {"head": cell.settings["head"] | head}
        return replace(cell, evaluation={**cell.evaluation, "queries": queries}, settings=settings)

    variants = [replace(v, cells=[changed(cell) for cell in v.cells]) for v in measured.study.variants]
    counts = {key: replace(one, classes=list(CLASSES)) for key, one in measured.result_counts.items()}
    return replace(measured, study=replace(measured.study, variants=variants), result_counts=counts)


def test_the_papers_numbers_stand_beside_ours_on_the_papers_images(measured: Measured) -> None:
    tables = tables_of(of_the_paper(measured, 10_000))
    assert [[column.title for column in table.columns if column.key.startswith("paper")] for table in tables] == [
        [f"{loss}, {name}, linear + L2 (2020)" for name in ("none", "shift-zoom-rotate", "shift-zoom-rotate-flip")]
        for loss in ("cross-entropy", "triplet")
    ]
    scores = [row["paper_2"] for row in tables[1].rows]
    assert scores == [0.6672, 0.7352, 48, 0.7286, 49, 24]
    assert "0.6672" in to_markdown(tables[1])
    assert "| 48.0 |" in to_markdown(tables[1])


def test_other_images_or_another_network_are_not_the_papers(measured: Measured) -> None:
    for other in (of_the_paper(measured, 500), of_the_paper(measured, 10_000, activation="relu"), measured):
        assert not [c for table in tables_of(other) for c in table.columns if c.key.startswith("paper")]


def test_where_there_are_too_many_variants_the_papers_ones_are_kept(measured: Measured) -> None:
    tables = tables_of(of_the_paper(measured, 10_000), widest=3)
    assert [len(table.columns) for table in tables] == [7, 7]
    assert [table.name for table in tables_of(measured, widest=3)] == ["paper-form-triplet"]


def test_the_note_says_whether_the_papers_numbers_are_shown(measured: Measured) -> None:
    assert tables_in_its_form(of_the_paper(measured, 10_000)).note.key == "paper.beside"
    assert tables_in_its_form(measured).note.key == "paper.not_beside"


@pytest.mark.parametrize("values", [{"activation": "relu", "l2": 0.0}, {"activation": "none", "l2": 0.001}])
def test_the_descriptor_layers_that_are_compared(values: dict[str, Any]) -> None:
    claim = CLAIMS["linear-l2-apart"]
    assert claim.first is not None
    assert claim.second is not None
    settings = dotted({"head": values})
    assert (claim.first(settings), claim.second(settings)) == (values["l2"] > 0, values["l2"] == 0)


@pytest.mark.parametrize("name", ["none", "flip", ["none"], ["flip", "crop"]])
def test_augmented_runs_are_compared_with_plain_ones(name: Any) -> None:
    claim = CLAIMS["augmentation-slower"]
    assert claim.first is not None
    assert claim.second is not None
    settings = dotted({"augmentation": {"name": name}})
    assert claim.first(settings) == (name not in ("none", ["none"]))
    assert claim.second(settings) != claim.first(settings)


def test_every_claim_is_about_quantities_that_are_measured(measured: Measured) -> None:
    quantities = [quantity for claim in CLAIMS.values() for quantity, _ in claim.quantities]
    assert {quantity.key for quantity in quantities} <= set(QUANTITIES) | set(CIFAR10_QUANTITIES)
    assert [test.claim for test in examine_claims(measured, claims_of_plan([]))] == list(CLAIMS.values())
    assert claims_of_plan(["cat-dog", "triplet-closer"]) == [CLAIMS["cat-dog"], CLAIMS["triplet-closer"]]


def test_an_unknown_claim_names_the_nearest() -> None:
    with pytest.raises(
        SettingsError, match=r"none called 'triplet-closr', did you mean triplet-closer\? The claims are: triplet-closer, "
    ):
        claims_of_plan(["triplet-closr"])
