"""From a plan to the trainings it asks for: variants, and cells named by what they are made of."""

import copy
import hashlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

from podoba.errors import SettingsError
from podoba.images.sources.open import open_source
from podoba.learn.data.load import with_own_validation
from podoba.runs.settings import Settings
from podoba.runs.settings_file import check_settings, put_setting
from podoba.study.plan import Plan, change_of
from podoba.study.task import Point, Task

VERSION = 1  # of what goes into a key; another one gives every training a new folder
WITHOUT_EFFECT = {"loggers"}  # settings on which no weight depends


def points(plan: Plan) -> list[Point]:
    """The variants of a plan in its order: the grid of its axes, then the named cells."""
    together = {name: tuple(group) for group in plan.zip for name in group}
    groups = list(dict.fromkeys(together.get(name, (name,)) for name in plan.axes))
    choices = [list(zip(*(plan.axes[name] for name in group), strict=True)) for group in groups]
    grid: list[Point] = []
    if plan.axes:
        for combination in itertools.product(*choices):
            chosen = {
                name: value
                for group, values in zip(groups, combination, strict=True)
                for name, value in zip(group, values, strict=True)
            }
            changes: dict[str, Any] = {}
            shown: dict[str, Any] = {}
            for axis in plan.axes:
                change = change_of(chosen[axis])
                changes |= change.set if change else {axis: chosen[axis]}
                shown[axis] = change.name if change else chosen[axis]
            grid.append(Point(", ".join(label(axis, value) for axis, value in shown.items()), shown, changes))
    names = {point.name for point in grid}
    for change in plan.cells:
        if change.name in names:
            raise SettingsError(f"cells: {change.name!r} is the name of a variant of the axes: give the cell another one")
    named = [Point(change.name, {"cell": change.name}, dict(change.set)) for change in plan.cells]
    return grid + named or ([] if plan.search else [Point(plan.title, {}, {})])


def label(axis: str, value: object) -> str:
    """The value of an axis in the name of a variant: words speak for themselves, numbers need the setting's name."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return str(value.get("name", json.dumps(value)))
    if isinstance(value, list):
        return " + ".join(str(one) for one in value)
    return f"{axis.rpartition('.')[2]} {json.dumps(value)}"  # true and null, as the plan has them


def tasks(plan: Plan) -> list[Task]:
    """Every training of a plan, variants in order and their seeds within.

    Raises:
        SettingsError: settings at odds with each other; names the variant.
        SourceError: images that are not there.
    """
    fingerprints: dict[str, str] = {}
    by_key: dict[str, Task] = {}
    for point in points(plan):
        for seed in plan.seeds:
            task = task_of(plan, point, seed, fingerprints)
            by_key.setdefault(task.key, task)  # a named cell may repeat a variant of the grid
    return list(by_key.values())


def task_of(plan: Plan, point: Point, seed: int, fingerprints: dict[str, str]) -> Task:
    """One training; `fingerprints` caches what is known of sources between calls."""
    settings = with_own_validation(settings_of(plan, point, seed), fingerprints)
    return Task(cell_key(settings, fingerprints), point, seed, settings)


def settings_of(plan: Plan, point: Point, seed: int) -> Settings:
    """The settings of a variant under one seed. Raises `SettingsError`, which names the variant if that is what is wrong."""
    values = copy.deepcopy(plan.base)
    for key, value in point.changes.items():
        put_setting(values, key, value)
    values["seed"] = seed
    try:
        return check_settings(values)
    except SettingsError as error:
        if "train" not in values:
            raise SettingsError("the plan names no training images: add --train SOURCE, or base.train to the plan") from None
        raise SettingsError(str(error) if str(error) == _wrong_with_all(plan) else f"{point.name}: {error}") from None


def _wrong_with_all(plan: Plan) -> str | None:
    """What is wrong with the base alone, and so with no variant in particular."""
    try:
        check_settings(plan.base)
    except SettingsError as error:
        return str(error)
    return None


def cell_key(settings: Settings, fingerprints: dict[str, str]) -> str:
    """16 hexadecimal digits of everything that a training depends on: settings, images and a file of weights it starts from."""
    for spec in _specs(settings):
        if spec not in fingerprints:
            fingerprints[spec] = open_source(json.loads(spec)).fingerprint()
    values = settings.model_dump(mode="json", exclude=WITHOUT_EFFECT)
    parts = [VERSION, {key: values[key] for key in sorted(values)}, [fingerprints[spec] for spec in _specs(settings)]]
    weights = settings.backbone.weights_file()
    if weights is not None and weights.is_file():
        key = f"weights {weights}"
        if key not in fingerprints:
            fingerprints[key] = hashlib.sha256(weights.read_bytes()).hexdigest()
        parts.append(fingerprints[key])
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _specs(settings: Settings) -> Iterator[str]:
    for spec in (settings.train, settings.test, settings.validation):
        if isinstance(spec, str | list):
            yield json.dumps(spec)
