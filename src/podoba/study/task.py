"""A training that a study asks for. No torch here."""

from dataclasses import dataclass
from typing import Any

from podoba.runs.settings import Settings


@dataclass(frozen=True)
class Point:
    """A variant of the grid: its value on every axis, and the dotted settings that make it."""

    name: str
    values: dict[str, Any]
    changes: dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One training: a variant under one seed; `key` names its folder."""

    key: str
    point: Point
    seed: int
    settings: Settings
