"""Every setting of a training as one page: `python .ci/settings_page.py docs/reference/settings.md` writes it."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from podoba.runs.loss_settings import LossSettings
from podoba.runs.settings import Settings

INTRODUCTION = """# Settings

The settings of a training, as keys of the YAML file after `--config` and as dotted names after `--set`:

```yaml
epochs: 30
optimizer: {name: adamw, lr: 0.0005}
loss: {name: triplet, margin: 0.2}
```

```text
podoba train photos --out runs/photos --config settings.yaml --set epochs=40 --set loss.margin=0.5
```

An unknown key is an error that names the nearest valid one. The `settings.yaml` of a run has the values that were used, without
`null` or `auto`.
"""


def settings_page() -> str:
    """The page, as Markdown: a table for the top level, for each group and for each loss."""
    groups = {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    parts = [INTRODUCTION, "## Top level\n", *_table(Settings, skip=(*groups, "loss"))]
    for name, group in groups.items():
        parts += [f"## {name}\n", f"{_sentence(group)}\n", *_table(group)]
    parts.append("## loss\n\nThe options depend on `loss.name`; the definitions are on the page of [losses](losses.md).\n")
    for loss in get_args(LossSettings):
        parts += [f"### {loss.model_fields['name'].default}\n", f"{_sentence(loss)}\n", *_table(loss, skip=("name",))]
    return "\n".join(parts)


def _table(group: type[BaseModel], skip: Collection[str] = ()) -> Iterator[str]:
    schema = group.model_json_schema()["properties"]
    fields = {name: field for name, field in group.model_fields.items() if name not in skip}
    if not fields:
        return
    yield "| setting | values | default | |\n|---|---|---|---|"
    for name, field in fields.items():
        default = field.get_default(call_default_factory=True, validated_data={})
        shown = "required" if default is PydanticUndefined else f"`{json.dumps(default, default=_plain)}`"
        yield f"| `{name}` | {_cell(_values(schema[name]))} | {_cell(shown)} | {_cell(field.description or '')} |"
    yield ""


def _plain(value: object) -> object:
    assert isinstance(value, BaseModel)
    return value.model_dump()


def _values(field: dict[str, Any]) -> str:
    """What a field takes, in words."""
    if "anyOf" in field:
        return ", or ".join(_values(option) for option in field["anyOf"])
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if "$ref" in field or "discriminator" in field:
        return "a loss with its options"
    kind = field.get("type")
    if kind == "array":
        if "prefixItems" in field:
            return f"a list of {len(field['prefixItems'])} numbers"
        return f"a list of: {_values(field['items'])}"
    if kind == "object":
        return "a mapping from text to a number"
    words = {"boolean": "true or false", "integer": "whole number", "number": "number", "string": "text", "null": "null"}
    return words[str(kind)] + _bounds(field)


def _bounds(field: dict[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {field[key]:g}" for key, sign in signs.items() if key in field]
    return f" {' and '.join(bounds)}" if bounds else ""


def _sentence(group: type[BaseModel]) -> str:
    return " ".join((group.__doc__ or "").split())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(settings_page(), encoding="utf-8")
