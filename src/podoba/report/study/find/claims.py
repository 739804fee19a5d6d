"""The paper's findings as questions to a study's own numbers.

Filkinshtein and Sydorova (2020). A claim compares runs that differ in nothing but what the claim is about, and names the measured
quantities that stand for it, the first one being the one that gives the verdict.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from podoba.errors import SettingsError

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Claim:
    """A finding; its sentence is the text `claim.<name>` of the catalogue.

    Attributes:
        first, second: which of two runs is which, by dotted setting; None: the claim is of every run by itself.
        about: beginnings of the settings that the two runs may differ in.
        quantities: each with what is claimed: first less than second, or more (by itself: below or above zero).
    """

    name: str
    quantities: tuple[tuple[str, Literal["less", "more"]], ...]
    first: Callable[[Settings], bool] | None = None
    second: Callable[[Settings], bool] | None = None
    about: tuple[str, ...] = ()


def _loss(name: str) -> Callable[[Settings], bool]:
    return lambda settings: settings.get("loss.name") == name


def _augmented(settings: Settings) -> bool:
    names = settings.get("augmentation.name", "none")
    return any(name != "none" for name in (names if isinstance(names, list) else [names]))


def _plain(settings: Settings) -> bool:
    return not _augmented(settings)


def _linear_with_l2(settings: Settings) -> bool:
    return settings.get("head.activation") == "none" and float(settings.get("head.l2") or 0) > 0


def _relu_without_l2(settings: Settings) -> bool:
    return settings.get("head.activation") == "relu" and not settings.get("head.l2")


_LOSS: dict[str, Any] = {"first": _loss("triplet"), "second": _loss("cross-entropy"), "about": ("loss.", "sampler.")}
_AUGMENTATION: dict[str, Any] = {"first": _augmented, "second": _plain, "about": ("augmentation.",)}

CLAIMS: dict[str, Claim] = {
    claim.name: claim
    for claim in (
        Claim("triplet-closer", (("within", "less"), ("ratio", "less"), ("silhouette", "more")), **_LOSS),
        Claim("triplet-overfits-less", (("relative_gap", "less"), ("validation_rise", "less")), **_LOSS),
        Claim("augmentation-less-overfitting", (("relative_gap", "less"), ("validation_rise", "less")), **_AUGMENTATION),
        Claim("augmentation-slower", (("log_training_loss", "more"), ("min_validation_epoch", "more")), **_AUGMENTATION),
        Claim("augmentation-lower-quality", (("knn_score", "less"), ("map@r", "less")), **_AUGMENTATION),
        Claim(
            "linear-l2-apart",
            (("between", "more"), ("ratio", "less"), ("silhouette", "more")),
            first=_linear_with_l2,
            second=_relu_without_l2,
            about=("head.activation", "head.l2"),
        ),
        Claim("cross-entropy-crowded", (("uniformity", "less"), ("between", "more")), **_LOSS),
        Claim("cross-entropy-unrelated", (("unrelated_share", "less"), ("other_kind_share", "less")), **_LOSS),
        Claim("truck-automobile", (("truck_to_automobile_lead", "more"), ("truck_automobile_asymmetry", "more"))),
        Claim("cat-dog", (("cat_dog_lead", "more"),)),
    )
}


def check_claims(names: Sequence[str]) -> None:
    """Raises `SettingsError`, with the nearest name, where one is no claim's."""
    for name in names:
        if name not in CLAIMS:
            near = difflib.get_close_matches(name, CLAIMS, 1, 0)[0]
            raise SettingsError(
                f"claims: there is none called {name!r}, did you mean {near!r}? docs/how-to/read-a-report.md lists them"
            )
