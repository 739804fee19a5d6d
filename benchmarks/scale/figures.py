"""What was measured, beside what was to be reached, as a table or as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One thing that was measured.

    Attributes:
        what: in words.
        unit: of the value; empty: a number of things or a ratio.
        at_least, at_most: what was to be reached; None: it is only told.
    """

    what: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def reached(self) -> bool:
        """Whether it is what it was to be."""
        return (self.at_least is None or self.value >= self.at_least) and (self.at_most is None or self.value <= self.at_most)

    @property
    def goal(self) -> str:
        """In words."""
        bounds = (("at least", self.at_least), ("at most", self.at_most))
        return " and ".join(f"{word} {written(bound)}" for word, bound in bounds if bound is not None)


def written(value: float) -> str:
    """A number with as many digits as are of use."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def as_table(parts: Mapping[str, Sequence[Figure]]) -> str:
    """Figures of each part, as Markdown."""
    lines = ["| part | what | figure | goal |", "|---|---|---|---|"]
    for part, figures in parts.items():
        for figure in figures:
            goal = figure.goal + ("" if figure.reached else ": MISSED")
            lines.append(f"| {part} | {figure.what} | {written(figure.value)} {figure.unit} | {goal} |")
    return "\n".join(lines)


def as_json(parts: Mapping[str, Sequence[Figure]]) -> dict[str, list[dict[str, Any]]]:
    """The same for programs."""
    return {part: [asdict(figure) | {"reached": figure.reached} for figure in figures] for part, figures in parts.items()}
