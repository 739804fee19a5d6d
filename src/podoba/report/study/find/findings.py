"""Claim tests and comparisons along axes as tables, and as the page draws them."""

from collections.abc import Mapping, Sequence
from typing import Any

from podoba.report.study.find.axes import AxisComparison
from podoba.report.study.find.claim_tests import ClaimTest, QuantityTest, outcome_of
from podoba.report.study.find.differences import Difference, VariantPair
from podoba.report.study.table import Column, Table, Value, Word, plain

CLAIM_COLUMNS = ("claim", "quantity", "claimed", "pair", "difference", "seeds", "outcome", "needed")
AXIS_COLUMNS = ("axis", "value", "baseline", "quantity", "difference", "seeds", "outcome", "needed")


def claims_table(tests: Sequence[ClaimTest]) -> Table:
    """A row a claim and quantity: the difference over all pairs, then that of each pair where there are several."""
    rows: list[Mapping[str, Value]] = []
    for test in tests:
        for tested in test.quantities:
            of_all: Value = Word("pairs.zero")
            if test.claim.first is not None:
                of_all = Word("pairs.some", {"n": tested.overall.pairs, "all": len(tested.by_pair)})
            rows.append(_row(test, tested, of_all, tested.overall))
            if len(tested.by_pair) > 1:
                rows += [_row(test, tested, pair_name(pair), difference) for pair, difference in tested.by_pair]
    return Table("findings", [Column(key, 4 if key == "difference" else None) for key in CLAIM_COLUMNS], rows)


def axes_table(comparisons: Sequence[AxisComparison]) -> Table:
    """A row a value of an axis and quantity: what it changes against the first value."""
    rows: list[Mapping[str, Value]] = [
        {
            "axis": row.axis,
            "value": row.value,
            "baseline": row.baseline,
            "quantity": Word(f"column.{row.difference.quantity}"),
            "outcome": Word(f"direction.{row.difference.direction}"),
            **_numbers(row.difference),
        }
        for row in comparisons
    ]
    return Table("axes", [Column(key, 4 if key == "difference" else None) for key in AXIS_COLUMNS], rows)


def claims_data(tests: Sequence[ClaimTest]) -> list[dict[str, Any]]:
    """Each claim with its outcome and all that it rests on, for the page."""
    return [
        {
            "claim": test.claim.name,
            "outcome": test.outcome,
            "against_zero": test.claim.first is None,
            "tested": [
                {
                    "quantity": tested.quantity.key,
                    "claimed": tested.claimed,
                    "averaged": tested.overall.pairs,
                    **_difference(tested, tested.overall),
                    "pairs": [
                        {"name": pair_name(pair), **_difference(tested, difference)} for pair, difference in tested.by_pair
                    ],
                }
                for tested in test.quantities
            ],
        }
        for test in tests
    ]


def pair_name(pair: VariantPair) -> str:
    """First less second."""
    return f"{pair[0].name} − {pair[1].name}"


def _row(test: ClaimTest, tested: QuantityTest, pair: Value, difference: Difference) -> Mapping[str, Value]:
    return {
        "claim": Word(f"claim.{test.claim.name}"),
        "quantity": Word(f"column.{tested.quantity.key}"),
        "claimed": Word(f"claimed.{tested.claimed}"),
        "pair": pair,
        "outcome": Word(f"outcome.{outcome_of(difference, tested.claimed)}"),
        **_numbers(difference),
    }


def _numbers(difference: Difference) -> Mapping[str, Value]:
    estimate = difference.estimate
    return {"difference": estimate, "seeds": None if estimate is None else estimate.n, "needed": difference.needed}


def _difference(tested: QuantityTest, difference: Difference) -> dict[str, Any]:
    return {
        "outcome": outcome_of(difference, tested.claimed),
        "estimate": plain(difference.estimate),
        "digits": tested.quantity.digits,
        "needed": difference.needed,
    }
