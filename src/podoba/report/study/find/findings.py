"""Findings as the page and the files show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from podoba.report.study.find.differences import Along, Difference, Finding, Pair, Tested
from podoba.report.study.read.quantities import QUANTITIES
from podoba.report.study.table import Column, Table, Value, Word


def findings_table(findings: Sequence[Finding]) -> Table:
    """A row a claim and quantity: the difference over all pairs, then that of each pair where there are several."""
    rows: list[Mapping[str, Value]] = []
    for finding in findings:
        for tested in finding.tested:
            rows.append(
                _row(
                    finding,
                    tested,
                    Word("pairs.some", {"n": tested.overall.pairs, "all": len(tested.pairs)}),
                    tested.overall,
                    tested.verdict,
                )
            )
            if len(tested.pairs) > 1:
                rows += [_row(finding, tested, pair_name(pair), found, verdict) for pair, found, verdict in tested.pairs]
    return Table("findings", [Column(key, 4 if key == "difference" else None) for key in _FINDING], rows)


def findings_data(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Each claim with its verdict and all that it rests on, for the page."""
    return [
        {
            "claim": finding.claim.name,
            "verdict": finding.verdict,
            "against_zero": finding.claim.first is None,
            "tested": [
                {
                    "quantity": tested.overall.quantity,
                    "claimed": tested.claimed,
                    "verdict": tested.verdict,
                    "averaged": tested.overall.pairs,
                    **_difference(tested.overall),
                    "pairs": [
                        {"name": pair_name(pair), "verdict": verdict, **_difference(found)}
                        for pair, found, verdict in tested.pairs
                    ],
                }
                for tested in finding.tested
            ],
        }
        for finding in findings
    ]


def axes_table(rows: Sequence[Along]) -> Table:
    """A row a value of an axis and quantity: what it changes against the first value."""
    found: list[Mapping[str, Value]] = [
        {
            "axis": row.axis,
            "value": row.value,
            "baseline": row.baseline,
            "quantity": Word(f"column.{row.difference.quantity}"),
            "difference": row.difference.estimate,
            "seeds": None if row.difference.estimate is None else row.difference.estimate.n,
            "verdict": Word(f"direction.{row.direction}"),
            "needed": row.difference.needed,
        }
        for row in rows
    ]
    return Table("axes", [Column(key, 4 if key == "difference" else None) for key in _ALONG], found)


def pair_name(pair: Pair) -> str:
    """First less second."""
    return f"{pair[0].name} − {pair[1].name}"


_FINDING = ("claim", "quantity", "claimed", "pair", "difference", "seeds", "verdict", "needed")
_ALONG = ("axis", "value", "baseline", "quantity", "difference", "seeds", "verdict", "needed")


def _row(finding: Finding, tested: Tested, pair: Value, found: Difference, verdict: str) -> Mapping[str, Value]:
    return {
        "claim": Word(f"claim.{finding.claim.name}"),
        "quantity": Word(f"column.{found.quantity}"),
        "claimed": Word(f"claimed.{tested.claimed}"),
        "pair": pair if finding.claim.first is not None else Word("pairs.zero"),
        "difference": found.estimate,
        "seeds": None if found.estimate is None else found.estimate.n,
        "verdict": Word(f"verdict.{verdict}"),
        "needed": found.needed,
    }


def _difference(found: Difference) -> dict[str, Any]:
    made = found.estimate
    if made is None:
        return {"estimate": None, "needed": None}
    return {
        "estimate": {"m": made.mean, "l": made.low, "h": made.high, "n": made.n},
        "digits": QUANTITIES[found.quantity].digits,
        "needed": found.needed,
    }
