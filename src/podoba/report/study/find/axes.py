"""Each value of each axis of a plan against the first one, all else equal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podoba.report.study.find.differences import Difference, VariantPair, compare
from podoba.report.study.read.measured import Measured
from podoba.study.folder import Variant

COMPARED = ("knn_score", "map@r", "relative_gap")  # quantities


@dataclass(frozen=True)
class AxisComparison:
    """A quantity at a value of an axis less that at the first value of it (the baseline), all else equal."""

    axis: str
    value: str
    baseline: str
    difference: Difference


def compare_along_axes(measured: Measured) -> list[AxisComparison]:
    """Every value of every axis of the plan against its first value, the other axes being equal.

    Variants that stand beside an axis (cells named one by one, trials of a search) have no value on it and are left out.
    """
    variants = measured.study.variants
    rows = []
    for group in axis_groups(variants, measured.study.plan.zip):
        names = [name for name in dict.fromkeys(_named(variant, group) for variant in variants) if name]
        baseline = names[0]
        for name in names[1:]:
            pairs = _pairs(variants, group, name, baseline)
            if pairs:
                rows += [
                    AxisComparison(" + ".join(group), name, baseline, compare(measured, pairs, quantity)) for quantity in COMPARED
                ]
    return rows


def axis_groups(variants: Sequence[Variant], zipped: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The axes that more than one value was tried of; those that vary together count as one."""
    names = list(dict.fromkeys(name for variant in variants for name in variant.values))
    groups = [tuple(group) for group in zipped]
    together = {name for group in groups for name in group}
    groups += [(name,) for name in names if name not in together]
    groups.sort(key=lambda group: names.index(group[0]) if group[0] in names else len(names))
    return [group for group in groups if len({_named(variant, group) for variant in variants}) > 1]


def value_name(value: Any) -> str:
    """A value of an axis as a person would call it."""
    if isinstance(value, Mapping) and "name" in value:
        return str(value["name"])
    if isinstance(value, list):
        return " + ".join(value_name(part) for part in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _pairs(variants: Sequence[Variant], group: Sequence[str], name: str, baseline: str) -> list[VariantPair]:
    def rest(variant: Variant) -> str:
        others = {key: value for key, value in variant.values.items() if key not in group}
        return json.dumps(others, sort_keys=True, default=str)

    first = {rest(variant): variant for variant in variants if _named(variant, group) == baseline}
    return [(variant, first[rest(variant)]) for variant in variants if _named(variant, group) == name and rest(variant) in first]


def _named(variant: Variant, group: Sequence[str]) -> str:
    return ", ".join(value_name(variant.values[key]) for key in group if key in variant.values)
