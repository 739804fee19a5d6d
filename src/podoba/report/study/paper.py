"""What is the paper's alone: its numbers, its claims, what is measured on its images, and its form of a table.

Filkinshtein and Sydorova (2020) trained VGG16 descriptors on CIFAR-10 with cross-entropy and with triplets, on a graphics card of
a cloud notebook. The rest of the report knows no paper.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from podoba.errors import SettingsError, did_you_mean
from podoba.report.study.find.claim_tests import Claim, Claimed, Which
from podoba.report.study.read.cells import first_finished, loss_name
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.quantities import QUANTITIES, Counts, Quantity
from podoba.report.study.table import Column, PublishedTables, Table, Value, Word
from podoba.runs.settings_file import dotted
from podoba.study.folder import Variant

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
VEHICLES = frozenset({"airplane", "automobile", "ship", "truck"})
TEST_IMAGES = 10_000
CIFAR10_QUANTITIES = {
    quantity.key: quantity
    for quantity in (
        Quantity("other_kind_share", 4, "low"),
        Quantity("truck_to_automobile_lead", 4),
        Quantity("truck_automobile_asymmetry", 4),
        Quantity("cat_dog_lead", 4),
    )
}

TABLE_ROWS = (
    "knn_score", "min_validation_loss", "min_validation_epoch", "min_training_loss", "min_training_epoch", "seconds_per_epoch",
)  # fmt: skip
# Tables 1 and 2, in the order of TABLE_ROWS, by loss and augmentations.
NUMBERS: dict[tuple[str, tuple[str, ...]], tuple[float, ...]] = {
    ("cross-entropy", ()): (0.6948, 1.1055, 9, 0.7587, 19, 16),
    ("cross-entropy", ("shift-zoom-rotate",)): (0.6845, 1.0812, 21, 0.9846, 31, 18),
    ("cross-entropy", ("shift-zoom-rotate-flip",)): (0.6906, 1.0708, 27, 0.9946, 37, 21),
    ("triplet", ()): (0.6691, 0.7313, 37, 0.5531, 50, 16),
    ("triplet", ("shift-zoom-rotate",)): (0.6697, 0.7385, 44, 0.7189, 47, 16),
    ("triplet", ("shift-zoom-rotate-flip",)): (0.6672, 0.7352, 48, 0.7286, 49, 24),
}
TABLE_NAME = "paper-form-"  # begins the names of the tables' files
WIDEST = 8  # variants that a table has columns for at most


def of_cifar10(classes: Sequence[str], counts: Counts) -> dict[str, float]:
    """How trucks, automobiles, cats and dogs are confused, and animals with vehicles; nothing for other classes.

    `other_kind_share` is the share of animals among the results of vehicles and of vehicles among those of animals. A lead is the
    share of the class that the paper found to be the most frequent error, less that of the next wrong class.

    Args:
        counts: int64 (C, C), results of each class (column) for the queries of each class (row).
    """
    if tuple(classes) != CLASSES or not counts.sum():
        return {}
    vehicle = np.array([name in VEHICLES for name in CLASSES])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def share(query: str, retrieved: str) -> float:
        return float(shares[CLASSES.index(query), CLASSES.index(retrieved)])

    def lead(query: str, retrieved: str) -> float:
        return share(query, retrieved) - max(share(query, name) for name in CLASSES if name not in (query, retrieved))

    return {
        "other_kind_share": float(counts[vehicle[:, None] != vehicle].sum() / counts.sum()),
        "truck_to_automobile_lead": lead("truck", "automobile"),
        "truck_automobile_asymmetry": share("truck", "automobile") - share("automobile", "truck"),
        "cat_dog_lead": min(lead("cat", "dog"), lead("dog", "cat")),
    }


def _loss(name: str) -> Which:
    return lambda settings: settings.get("loss.name") == name


def _augmented(settings: Mapping[str, Any]) -> bool:
    return bool(_techniques(settings))


def _not_augmented(settings: Mapping[str, Any]) -> bool:
    return not _techniques(settings)


def _linear_with_l2(settings: Mapping[str, Any]) -> bool:
    return settings.get("head.activation") == "none" and float(settings.get("head.l2") or 0) > 0


def _relu_without_l2(settings: Mapping[str, Any]) -> bool:
    return settings.get("head.activation") == "relu" and not settings.get("head.l2")


def _claim(first: Which | None, second: Which | None, *about: str) -> Callable[..., Claim]:
    """Makes claims on runs of these two kinds, of a name and the claimed side of each quantity."""

    def make(name: str, **claimed: Claimed) -> Claim:
        known = QUANTITIES | CIFAR10_QUANTITIES
        return Claim(name, tuple((known[key], side) for key, side in claimed.items()), first, second, about)

    return make


_of_losses = _claim(_loss("triplet"), _loss("cross-entropy"), "loss.", "sampler.")
_of_augmentation = _claim(_augmented, _not_augmented, "augmentation.")
_of_descriptor_layer = _claim(_linear_with_l2, _relu_without_l2, "head.activation", "head.l2")
_of_every_run = _claim(None, None)

CLAIMS = {
    claim.name: claim
    for claim in (
        _of_losses("triplet-closer", within="less", ratio="less", silhouette="more"),
        _of_losses("triplet-overfits-less", relative_gap="less", validation_rise="less"),
        _of_augmentation("augmentation-less-overfitting", relative_gap="less", validation_rise="less"),
        _of_augmentation("augmentation-slower", log_training_loss="more", min_validation_epoch="more"),
        _of_augmentation("augmentation-lower-quality", **{"knn_score": "less", "map@r": "less"}),
        _of_descriptor_layer("linear-l2-apart", between="more", ratio="less", silhouette="more"),
        _of_losses("cross-entropy-crowded", uniformity="less", between="more"),
        _of_losses("cross-entropy-unrelated", unrelated_share="less", other_kind_share="less"),
        _of_every_run("truck-automobile", truck_to_automobile_lead="more", truck_automobile_asymmetry="more"),
        _of_every_run("cat-dog", cat_dog_lead="more"),
    )
}


def claims_of_plan(names: Sequence[str]) -> list[Claim]:
    """The paper's claims that a plan names, or all. Raises `SettingsError` for a name that no claim has; suggests the nearest."""
    for name in names:
        if name not in CLAIMS:
            nearest = did_you_mean(name, CLAIMS, cutoff=0)
            raise SettingsError(f"claims: there is none called {name!r}, {nearest} The claims are: {', '.join(CLAIMS)}")
    return [CLAIMS[name] for name in names or CLAIMS]


def numbers_beside(measured: Measured, variant: Variant) -> tuple[float, ...] | None:
    """The paper's numbers for a variant that was evaluated on the paper's CIFAR-10 test images; None for any other."""
    cell = next((cell for cell in variant.cells if cell.key in measured.result_counts), None)
    if cell is None or tuple(measured.result_counts[cell.key].classes) != CLASSES:
        return None
    if cell.evaluation.get("queries") != TEST_IMAGES or cell.evaluation.get("judged_on") != "test":
        return None
    settings = dotted(cell.settings)
    if settings.get("head.activation") != "none":
        return None
    return NUMBERS.get((str(settings.get("loss.name")), _techniques(settings)))


def tables_in_its_form(measured: Measured, widest: int = WIDEST) -> PublishedTables:
    """Tables 1 and 2 as the paper prints them: a table a loss, a column a variant; the paper's numbers beside ours.

    Args:
        widest: of more variants of a loss than this only those are kept that the paper has too.
    """
    by_loss: dict[str, list[Variant]] = {}
    for variant in measured.study.variants:
        if first_finished(variant) is not None:
            by_loss.setdefault(loss_name(variant), []).append(variant)
    tables = {}
    beside = False
    for loss, variants in by_loss.items():
        kept = variants if len(variants) <= widest else [v for v in variants if numbers_beside(measured, v) is not None]
        if 0 < len(kept) <= widest:
            tables[loss] = _table(measured, loss, kept)
            beside = beside or any(numbers_beside(measured, variant) is not None for variant in kept)
    return PublishedTables(Word("paper.form"), Word("paper.beside" if beside else "paper.not_beside"), tables)


def _table(measured: Measured, loss: str, variants: Sequence[Variant]) -> Table:
    columns = [Column("quantity")]
    rows: list[dict[str, Value]] = [{"quantity": Word(f"column.{key}")} for key in TABLE_ROWS]
    for place, variant in enumerate(variants):
        published = numbers_beside(measured, variant)
        columns.append(Column(f"ours_{place}", 4, title=variant.name))
        if published is not None:
            columns.append(Column(f"paper_{place}", 4, title=f"{variant.name} (2020)"))
        for i, key in enumerate(TABLE_ROWS):
            rows[i][f"ours_{place}"] = measured.over_seeds(variant, key)
            if published is not None:
                rows[i][f"paper_{place}"] = published[i]
    return Table(f"{TABLE_NAME}{loss}", columns, rows, [QUANTITIES[key].digits or 0 for key in TABLE_ROWS])


def _techniques(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The augmentations of dotted settings, without `none`."""
    names = settings.get("augmentation.name", "none")
    return tuple(name for name in (names if isinstance(names, list) else [names]) if name != "none")
