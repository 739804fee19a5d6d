"""The plan of a study: settings that stay, settings that vary, seeds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from podoba.errors import SettingsError, did_you_mean
from podoba.runs.settings import Model
from podoba.runs.settings_file import put_overrides, read_yaml, valid_keys

Scalar = str | int | float | bool | None


class NamedChange(Model):
    """Several settings changed together, under one name."""

    name: str
    set: dict[str, Any] = Field(default_factory=dict, description="Dotted settings and their values.")


class Range(Model):
    """Where a searched setting is drawn from: between two numbers, or one of several values."""

    low: float | None = None
    high: float | None = None
    integer: bool = False
    log: bool = Field(False, description="Draw evenly by the logarithm.")
    choices: list[Scalar] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.choices is None:
            if self.low is None or self.high is None or self.low >= self.high:
                raise ValueError("give low and high, the smaller first, or choices")
            if self.log and self.low <= 0:
                raise ValueError("log needs a low over 0")
        elif self.low is not None or self.high is not None:
            raise ValueError("give low and high, or choices, not both")
        return self


class Search(Model):
    """Settings searched by Optuna instead of tried one by one; judged on held-out training images, never on the test images."""

    ranges: dict[str, Range] = Field(min_length=1)
    trials: int = Field(20, ge=1)
    objective: Literal["validation_loss", "validation_knn_score"] = "validation_loss"
    pruning: bool = Field(True, description="Stop a trial whose validation loss is worse than the median of those before.")


class Plan(Model):
    """A study.

    An axis is a dotted setting with its values, or a name with values {name, set}, each of which changes several settings.
    """

    title: str = "study"
    description: str = ""
    base: dict[str, Any] = Field(default_factory=dict, description="Settings of every cell.")
    axes: dict[str, list[Any]] = Field(default_factory=dict, description="What varies: every combination is a variant.")
    zip: list[list[str]] = Field(default_factory=list, description="Axes that vary together, value by value.")
    cells: list[NamedChange] = Field(default_factory=list, description="Further variants, named one by one.")
    seeds: list[int] = Field(default_factory=lambda: [0], min_length=1)
    search: Search | None = None
    claims: list[str] = Field(
        default_factory=list, description="Claims of the paper that the report examines; empty: all that it can."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.search is not None and (self.axes or self.cells):
            raise ValueError("search stands instead of axes and cells: keep one of them")
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError("seeds: one is named twice")
        _check_zip(self.zip, self.axes)
        for name, values in self.axes.items():
            _check_axis(name, values)
        _check_cells(self.cells)
        if self.search is not None:
            _check_search(self.search)
        return self


def _check_zip(groups: Sequence[Sequence[str]], axes: Mapping[str, Sequence[object]]) -> None:
    zipped = [name for group in groups for name in group]
    for name in zipped:
        if name not in axes:
            raise ValueError(f"zip: there is no axis {name!r}: {did_you_mean(name, axes, 'give it under axes', cutoff=0)}")
    if len(set(zipped)) != len(zipped):
        raise ValueError("zip: an axis is named twice")
    for group in groups:
        lengths = {name: len(axes[name]) for name in group}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"zip: axes that vary together need as many values each, these have {lengths}")


def _check_axis(name: str, values: Sequence[object]) -> None:
    if not values:
        raise ValueError(f"axes.{name} has no value")
    changes = [change_of(value) for value in values]
    if any(change is None for change in changes):
        if any(change is not None for change in changes):
            raise ValueError(f"axes.{name}: give plain values, or name and set for all of them")
        _check_key(name, f"axes.{name}")
    names = [change.name if change else repr(value) for change, value in zip(changes, values, strict=True)]
    if len(set(names)) != len(names):
        raise ValueError(f"axes.{name}: a value is there twice")
    for change in changes:
        for key in change.set if change else ():
            _check_key(key, f"axes.{name}")


def _check_cells(cells: Sequence[NamedChange]) -> None:
    twice = [change.name for i, change in enumerate(cells) if change.name in {other.name for other in cells[:i]}]
    if twice:
        raise ValueError(f"cells: two are called {twice[0]!r}: give each a name of its own")
    for change in cells:
        for key in change.set:
            _check_key(key, f"cells.{change.name}")


def _check_search(search: Search) -> None:
    for key in search.ranges:
        _check_key(key, "search.ranges")
        if key.startswith("loss") and search.objective == "validation_loss":
            raise ValueError(f"search: values of {key} make losses that do not compare: set objective: validation_knn_score")


def _check_key(key: str, place: str) -> None:
    keys = valid_keys()
    if key not in keys:
        raise ValueError(f"{place}: unknown setting {key!r}, {did_you_mean(key, keys, cutoff=0)}")


def load_plan(path: Path, overrides: Sequence[str] = (), **fixed: object) -> Plan:
    """The plan of a YAML file, its base changed by `key=value` texts and by `fixed` settings that are not None.

    Raises:
        SettingsError: unreadable file, unknown key (names the nearest valid one), wrong value.
    """
    values = read_yaml(path, "the plan")
    if not values:
        raise SettingsError(f"{path}: a plan has title, base and axes, this is empty; see docs/how-to/compare-in-a-study.md")
    base = values.get("base") or {}
    if not isinstance(base, dict):
        raise SettingsError(f"{path}: base is no `setting: value` lines but {base!r}: write it as base: {{epochs: 20}}")
    base = dict(base)
    put_overrides(base, overrides)
    base.update({key: value for key, value in fixed.items() if value is not None})
    return check_plan({"title": path.stem, **values, "base": base}, str(path))


def check_plan(values: Mapping[str, object], name: str) -> Plan:
    """A plan of plain values. Raises `SettingsError` with all that is wrong, in one line that begins with `name`."""
    try:
        return Plan.model_validate(values)
    except ValidationError as error:
        problems = []
        for problem in error.errors():
            key = ".".join(str(part) for part in problem["loc"])
            if problem["type"] == "extra_forbidden":
                known = list(
                    Plan.model_fields
                    if "." not in key
                    else (*NamedChange.model_fields, *Range.model_fields, *Search.model_fields)
                )
                problems.append(f"unknown key {key!r}: {did_you_mean(key.rpartition('.')[2], known, cutoff=0)}")
            else:
                message = str(problem["msg"]).removeprefix("Value error, ")
                problems.append(f"{key}: {message}" if key else message)
        raise SettingsError(f"{name}: {'; '.join(problems)}") from None


def varied(plan: Plan) -> set[str]:
    """The dotted settings that the plan itself varies, so that its base does not decide them in every cell."""
    changes = [*plan.cells, *(change_of(value) for values in plan.axes.values() for value in values)]
    named = {key for change in changes if change is not None for key in change.set}
    plain = {axis for axis, values in plan.axes.items() if any(change_of(value) is None for value in values)}
    return named | plain | set(plan.search.ranges if plan.search else ())


def change_of(value: object) -> NamedChange | None:
    """The value of an axis as a named change; None where it is a plain value of the axis's setting."""
    if isinstance(value, Mapping) and value.keys() == {"name", "set"}:
        return NamedChange.model_validate(value)
    return None
