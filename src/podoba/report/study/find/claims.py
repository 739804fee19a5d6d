"""What a claim about trainings is: which runs it compares, and the measured quantities that stand for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from podoba.errors import SettingsError, did_you_mean
from podoba.report.study.read.quantities import Quantity

Claimed = Literal["less", "more"]
Which = Callable[[Mapping[str, Any]], bool]  # of dotted settings: whether a run is one of these


@dataclass(frozen=True)
class Claim:
    """A claim; its sentence is the text `claim.<name>` of the catalogue.

    It compares runs that differ in nothing but what it is about, or, without `first` and `second`, is of every run by itself.

    Attributes:
        quantities: each with what is claimed of it: less in the first run than in the second, or more (of every run by itself:
            below or above zero). The outcome of the first quantity is that of the claim.
        first, second: which of two runs is which, by dotted setting; None: the claim is of every run by itself.
        about: beginnings of the settings that the two runs may differ in.
    """

    name: str
    quantities: tuple[tuple[Quantity, Claimed], ...]
    first: Which | None = None
    second: Which | None = None
    about: tuple[str, ...] = ()


def named_claims(names: Sequence[str], known: Mapping[str, Claim]) -> list[Claim]:
    """The claims of these names; all that are known where none is named.

    Raises:
        SettingsError: a name that no claim has; the nearest one is suggested.
    """
    for name in names:
        if name not in known:
            nearest = did_you_mean(name, known, cutoff=0)
            raise SettingsError(f"claims: there is none called {name!r}, {nearest} The claims are: {', '.join(known)}")
    return [known[name] for name in names or known]
