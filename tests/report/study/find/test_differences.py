from __future__ import annotations

from collections.abc import Callable

import pytest

from podoba.report.study.find.differences import compare, compare_with_zero
from podoba.report.study.read.measured import Measured
from podoba.study.folder import Variant

MakeVariant = Callable[..., Variant]
WithValues = Callable[..., Measured]


@pytest.mark.parametrize(
    ("first", "second", "direction", "needed"),
    [
        ([0.5, 0.6, 0.7], [0.8, 0.9, 1.01], "lower", None),
        ([0.8, 0.9, 1.01], [0.5, 0.6, 0.7], "higher", None),
        ([0.5, 0.9, 0.7], [0.6, 0.8, 0.9], "undecided", 23),
        ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5], "undecided", None),
        ([0.1, None, None], [0.9, 0.9, 0.9], "single-seed", None),
        ([None, None, None], [0.9, 0.9, 0.9], "untested", None),
    ],
)
def test_a_direction_only_where_the_interval_leaves_out_zero(
    with_values: WithValues,
    two: list[Variant],
    first: list[float | None],
    second: list[float | None],
    direction: str,
    needed: int | None,
) -> None:
    difference = compare(with_values(two, "within", {"triplet": first, "entropy": second}), [(two[0], two[1])], "within")
    assert (difference.direction, difference.needed) == (direction, needed)


def test_pairs_are_averaged_within_a_seed(variant: MakeVariant, with_values: WithValues) -> None:
    """Three augmentations and two seeds make two differences, not six."""
    pairs, values = [], {}
    for i, augmentation in enumerate(("none", "flip", "crop")):
        pairs.append((variant(f"triplet-{augmentation}", {}, (0, 1)), variant(f"entropy-{augmentation}", {}, (0, 1))))
        values[f"triplet-{augmentation}"] = [0.2 + 0.1 * i, 0.2 + 0.12 * i]
        values[f"entropy-{augmentation}"] = [0.5 + 0.1 * i, 0.5 + 0.1 * i]
    measured = with_values([one for pair in pairs for one in pair], "within", values)
    difference = compare(measured, pairs, "within")
    assert difference.pairs == 3
    assert difference.estimate is not None
    assert difference.estimate.n == 2
    assert difference.estimate.mean == pytest.approx((-0.3 + (-0.3 - 0.28 - 0.26) / 3) / 2)


def test_a_pair_with_fewer_seeds_does_not_take_seeds_from_the_others(variant: MakeVariant, with_values: WithValues) -> None:
    pairs = [(variant(f"triplet-{name}", {}), variant(f"entropy-{name}", {})) for name in ("none", "flip")]
    variants = [one for pair in pairs for one in pair]
    values: dict[str, list[float | None]] = {one.name: [0.1, 0.2, 0.3] for one in variants}
    values["triplet-flip"] = [0.9, None, None]
    difference = compare(with_values(variants, "within", values), pairs, "within")
    assert difference.estimate is not None
    assert (difference.pairs, difference.estimate.n) == (1, 3)


def test_against_zero_the_variants_are_averaged_within_a_seed(with_values: WithValues, two: list[Variant]) -> None:
    values = {"triplet": [0.1, 0.12, None], "entropy": [0.2, 0.22, 0.2]}
    difference = compare_with_zero(with_values(two, "cat_dog_lead", values), "cat_dog_lead")
    assert difference.estimate is not None
    assert (difference.estimate.n, difference.pairs) == (2, 2)  # the third seed is not finished of both
    assert difference.estimate.mean == pytest.approx((0.15 + 0.17) / 2)
    assert compare_with_zero(with_values(two, "within", values), "ratio").direction == "untested"
