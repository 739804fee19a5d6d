"""Settings from a YAML file and `key=value` overrides, with errors that name the nearest valid key."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_args

import yaml
from pydantic import BaseModel, ValidationError

from podoba.errors import SettingsError
from podoba.files import write_text
from podoba.runs.loss_settings import LossOptions, LossSettings, known_losses, plugin_losses
from podoba.runs.settings import Settings


def load_settings(path: Path | None, overrides: Sequence[str] = (), **fixed: object) -> Settings:
    """Settings of a file, changed by `key=value` texts and then by `fixed` ones that are not None.

    Args:
        path: a YAML file, or None to start from the defaults.
        overrides: such as `optimizer.lr=0.01`; the value is read as YAML.
        fixed: top-level settings, such as `train` and `test` of the command line.

    Raises:
        SettingsError: unreadable file, unknown key (names the nearest valid one), wrong value.
    """
    values = read_yaml(path, "the settings") if path is not None else {}
    put_overrides(values, overrides)
    values.update({key: value for key, value in fixed.items() if value is not None})
    return check_settings(values)


def check_settings(values: Mapping[str, object]) -> Settings:
    """Typed settings of plain nested values. Raises `SettingsError` with all that is wrong, in one line."""
    loss = values.get("loss")
    if isinstance(loss, Mapping) and "name" not in loss:
        name = "combined" if loss.keys() & {"parts", "weights"} else "cross-entropy"  # whose options these are, without a name
        values = {**values, "loss": {"name": name, **loss}}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = [cast("Mapping[str, Any]", problem) for problem in error.errors()]
        raise SettingsError("; ".join(_explain(problem, values) for problem in problems)) from None


def valid_keys() -> list[str]:
    """Every dotted key that `--set` knows, the options of every loss included, also of those that other distributions add."""
    return sorted({*_keys(Settings), *(f"loss.{key}" for loss in _losses().values() for key in loss.model_fields)})


def read_yaml(path: Path, what: str) -> dict[str, Any]:
    """The plain values of a YAML file of `key: value` lines; `what` they are stands in the error. Raises `SettingsError`."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: {what} cannot be read ({error.strerror}): name an existing YAML file") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: {what} cannot be read (it is no text in UTF-8): name a YAML file") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: not valid YAML, mend it there ({' '.join(str(error).split())})") from error
    if not isinstance(values, dict | None):
        raise SettingsError(f"{path}: {what} must be `key: value` lines, this is a {type(values).__name__}")
    return values or {}


def write_yaml(settings: BaseModel, path: Path) -> None:
    """Write settings as YAML that can be read back to the same, atomically. Raises `OSError`."""
    write_text(path, yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False, allow_unicode=True))


def put_overrides(values: dict[str, Any], overrides: Sequence[str]) -> None:
    """Set what `key=value` texts say; the values are read as YAML. Raises `SettingsError` on a text that says nothing."""
    for text in overrides:
        key, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(f"--set {text!r} has no value: write it as key=value, such as optimizer.lr=0.01")
        try:
            put_setting(values, key.strip(), yaml.safe_load(value))
        except yaml.YAMLError as error:
            raise SettingsError(f"--set {key}: the value {value!r} is not valid YAML: put a text in quotes") from error


def put_setting(values: dict[str, Any], key: str, value: object) -> None:
    """Set a dotted key, such as `optimizer.lr`, in nested plain values; groups on the way are copied, not changed."""
    *groups, last = key.split(".")
    for key in groups:
        inner = values.get(key)
        values[key] = dict(inner) if isinstance(inner, dict) else {}
        values = values[key]
    values[last] = value


def dotted(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings by dotted key, such as `loss.name`."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= dotted(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield prefix + name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _keys(field.annotation, f"{prefix}{name}.")


def _losses() -> dict[str, type[LossOptions]]:
    """The options of every loss by its name, also of those that other distributions add."""
    return {loss.model_fields["name"].default: loss for loss in get_args(LossSettings)} | dict(plugin_losses())


def _place(problem: Mapping[str, Any], values: Mapping[str, object]) -> tuple[str, Any]:
    """The dotted key that a problem is at, and the values of its group."""
    *groups, last = problem["loc"]
    path: list[str] = []
    group: Any = values
    for part in groups:
        inner = group[part] if isinstance(group, list) else group.get(part) if isinstance(group, Mapping) else None
        if inner is not None:  # else it is the name of a loss, which pydantic puts between and no key has
            group = inner
            path.append(str(part))
    return ".".join([*path, str(last)]), group


def _unknown(key: str, group: Any) -> str:
    """What to say of a key that does not belong where it is."""
    parent, _, last = key.rpartition(".")
    if parent.partition(".")[0] == "loss":
        losses, name = _losses(), str(group["name"])
        if ".parts." in key:
            del losses["combined"]  # which is no part of another
        own = [field for field in losses[name].model_fields if field != "name"]
        every = dict.fromkeys(field for loss in losses.values() for field in loss.model_fields if field != "name")
        near = last if last in every else _nearest(last, own) or _nearest(last, every)
        if near and near not in own:
            owners = ", ".join(one for one, loss in losses.items() if near in loss.model_fields)
            what = "it is a setting" if near == last else f"did you mean '{parent}.{near}'? It is a setting"
            return (
                f"{key!r} is not a setting of the loss {name}: {what} of {owners}: choose one of these as {parent}.name, "
                f"or leave it out (known of {name}: {', '.join(own)})"
            )
        known = [f"{parent}.{field}" for field in own]
    else:
        known = [one for one in valid_keys() if one.rpartition(".")[0] == parent]
    here, anywhere = ({one.rpartition(".")[2]: one for one in keys} for keys in (known, reversed(valid_keys())))
    found = anywhere.get(last) or here.get(_nearest(last, here)) or anywhere.get(_nearest(last, anywhere))
    return (
        f"unknown setting {key!r}: did you mean {found or _nearest(key, valid_keys(), 0)!r}? "
        f"(known here: {', '.join(known) or 'nothing'})"
    )


def _nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known name that is nearest; empty where none is near."""
    return next(iter(difflib.get_close_matches(name, list(known), 1, cutoff)), "")


def _explain(problem: Mapping[str, Any], values: Mapping[str, object]) -> str:
    key, group = _place(problem, values)
    if problem["type"] == "extra_forbidden":
        return _unknown(key, group)
    if problem["type"] == "missing":
        return f"the setting {key!r} is missing"
    if problem["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return f"{key}.name: one of {', '.join(map(repr, known_losses()))} is needed"
    message = str(problem["msg"]).removeprefix("Value error, ")
    if isinstance(problem["input"], Mapping):  # a check of several settings against each other names them itself
        return f"{key}: {message}"
    return f"{key} = {problem['input']!r}: {message}"
