"""The types of the API that the page's JavaScript is checked by are those of the API."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from podoba.serve.app import create_app
from podoba.serve.served import Served

CI = Path(__file__).parent.parent.parent / ".ci"


@pytest.fixture(scope="module")
def api_types() -> Any:
    return runpy.run_path(str(CI / "api_types.py"))["api_types"]


def test_the_types_are_those_of_the_api(api_types: Any) -> None:
    written = (CI / "types" / "api.d.ts").read_text(encoding="utf-8")
    assert written == api_types(create_app(Served([])).openapi()), "run `make docs`"


def test_a_schema_becomes_a_type(api_types: Any) -> None:
    schema = {
        "description": "A hit.",
        "type": "object",
        "required": ["id", "odd name"],
        "properties": {
            "id": {"type": "string"},
            "odd name": {"type": ["integer", "null"]},
            "rank": {"type": "integer", "default": 0},
            "label": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "Of a */ person."},
            "box": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]},
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item-Input"}},
            "state": {"enum": ["open", "done"]},
            "kind": {"const": "hit"},
            "both": {"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]},
            "facts": {"type": "object", "additionalProperties": {"type": "number"}},
            "anything": {},
        },
    }
    assert api_types({"components": {"schemas": {"Hit": schema}}}).partition("namespace Api {\n")[2] == (
        "  /** A hit. */\n"
        "  type Hit = {\n"
        "    id: string;\n"
        '    "odd name": number | null;\n'
        "    rank: number;\n"
        "    /** Of a * / person. */\n"
        "    label?: string | null;\n"
        "    box?: [number, number];\n"
        "    items?: Array<Item_Input>;\n"
        '    state?: "open" | "done";\n'
        '    kind?: "hit";\n'
        "    both?: A & B;\n"
        "    facts?: Record<string, number>;\n"
        "    anything?: unknown;\n"
        "  };\n"
        "}\n"
    )


def test_an_api_without_schemas_has_no_types(api_types: Any) -> None:
    assert api_types({}).endswith("declare namespace Api {\n}\n")
