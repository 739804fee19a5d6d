"""Types of the API's JSON for the page's JavaScript: `python .ci/api_types.py .ci/types/api.d.ts` writes them.

They are made from the API's own description (OpenAPI): `Api.Hit` in a comment of a module is what the server answers.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from podoba.serve.app import create_app
from podoba.serve.served import Served

HEAD = "// Written by `make docs` from the API's description (.ci/api_types.py): not to be edited.\n\ndeclare namespace Api {\n"
PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")

Schema = Mapping[str, Any]


def api_types(description: Schema) -> str:
    """The declarations, a type for each schema of an OpenAPI description."""
    schemas = description.get("components", {}).get("schemas", {})
    return HEAD + "\n".join(_declaration(_name(name), schemas[name]) for name in sorted(schemas)) + "}\n"


def _declaration(name: str, schema: Schema) -> str:
    return f"{_comment(schema, '  ')}  type {name} = {_type(schema, '  ')};\n"


def _type(schema: Schema, indent: str) -> str:
    """A schema as a type of TypeScript; what it does not restrict is `unknown`."""
    if "$ref" in schema:
        return _name(str(schema["$ref"]).rsplit("/", 1)[-1])
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(_type(one, indent) for one in schema[several]))
    if "allOf" in schema:
        return " & ".join(_type(one, indent) for one in schema["allOf"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_type({**schema, "type": one}, indent) for one in kind)
    if kind == "array":
        return _array(schema, indent)
    if kind == "object":
        return _object(schema, indent)
    return PLAIN.get(str(kind), "unknown")


def _array(schema: Schema, indent: str) -> str:
    if "prefixItems" in schema:
        return "[" + ", ".join(_type(one, indent) for one in schema["prefixItems"]) + "]"
    return f"Array<{_type(schema.get('items', {}), indent)}>"


def _object(schema: Schema, indent: str) -> str:
    properties = schema.get("properties")
    if not properties:
        values = schema.get("additionalProperties", True)
        return f"Record<string, {_type(values, indent) if isinstance(values, Mapping) else 'unknown'}>"
    deeper, required = indent + "  ", schema.get("required", ())
    lines = []
    for key, value in properties.items():
        mark = "" if key in required or "default" in value else "?"
        lines.append(f"{_comment(value, deeper)}{deeper}{_key(key)}{mark}: {_type(value, deeper)};\n")
    return "{\n" + "".join(lines) + f"{indent}}}"


def _key(key: str) -> str:
    return key if NAME.match(key) else json.dumps(key, ensure_ascii=False)


def _name(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_")


def _comment(schema: Schema, indent: str) -> str:
    text = " ".join(str(schema.get("description", "")).split()).replace("*/", "* /")
    return f"{indent}/** {text} */\n" if text else ""


def main(path: Path) -> None:
    """Write the types of the API as it is."""
    path.write_text(api_types(create_app(Served([])).openapi()), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
