"""A folder that can be published on the hub of Hugging Face as it is: our model file, and one for the programs of others."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import yaml

from podoba.errors import ModelError
from podoba.files import new_folder_beside, write_json, write_text
from podoba.models.card import Card
from podoba.models.encoder import Encoder
from podoba.models.export.float_graph import EMBEDDINGS, PIXELS, write_float_graph
from podoba.models.foreign.processors import TRANSFORMERS, processor_settings
from podoba.models.published.layout import IMAGE_GRAPHS, NETWORK, OWN, README

GRAPH = IMAGE_GRAPHS[1]
KIND = "podoba"  # what the network is called in its settings
TAGS = ["podoba", "onnx", "image-feature-extraction", "image-similarity"]

UNNAMED = "Not named in the model's card: name it here, and as `license:` above, before it is shared."


def write_hub_folder(encoder: Encoder, out: Path) -> None:
    """Write a model as a folder for `hf upload`, whole or not at all.

    In it are `model.onnx`, the model file with its card; `onnx/model.onnx`, which takes floats (`write_float_graph`), with
    `config.json` and `preprocessor_config.json` beside it as transformers.js and fastembed read them; and `README.md`.

    Raises:
        ModelError: a folder that is not empty, or cannot be written; pictures prepared as no other program does.
    """
    card = encoder.card
    settings = processor_settings(card.pixels, str(encoder.path))
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise ModelError(f"{out}: is there already: name a folder that is not")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = new_folder_beside(out)
        try:
            shutil.copyfile(encoder.path, draft / OWN)
            write_float_graph(encoder.path, card, draft / GRAPH)
            write_json(draft / TRANSFORMERS[0], settings)
            write_json(draft / NETWORK, _network(card))
            write_text(draft / README, model_card(card))
            os.replace(draft, out)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise ModelError(f"{out}: cannot be written ({error}): choose another place") from error


def model_card(card: Card) -> str:
    """The page of a model on the hub: its head for the hub's search, what it is, how it is used, what it scores."""
    head: dict[str, Any] = {"license": card.licence} if card.licence else {}
    head |= {"library_name": "podoba", "pipeline_tag": "image-feature-extraction", "tags": TAGS}
    size = card.input_size
    parts = [
        f"---\n{yaml.safe_dump(head, sort_keys=False)}---",
        f"# {card.name}",
        f"Descriptors of images, {card.dim} numbers of unit length: alike images have similar ones. Backbone: {card.backbone}; "
        f"pictures of {size}x{size} pixels; {card.precision}. {card.notes}".strip(),
        "## Use",
        "With [podoba](https://pypi.org/project/podoba/), `hf:OWNER/NAME` being this repository:\n\n"
        "```console\n$ podoba index photos.podoba photos --model hf:OWNER/NAME\n$ podoba search photos.podoba picture.jpg\n```",
        f"With ONNX Runtime, transformers.js or fastembed: `{GRAPH}` takes `{PIXELS}`, float32 (N, 3, {size}, {size}) in [0, 1], "
        f"RGB, and gives `{EMBEDDINGS}`, float32 (N, {card.dim}). Pictures are prepared as `{TRANSFORMERS[0]}` says.\n\n"
        f'```python\nimport onnxruntime\n\nsession = onnxruntime.InferenceSession("{GRAPH}")\n'
        f'(descriptors,) = session.run(["{EMBEDDINGS}"], {{"{PIXELS}": pixels}})\n```',
    ]
    if card.metrics:
        rows = [f"| {name} | {value:.4f} | {_interval(card, name)} |" for name, value in card.metrics.items()]
        parts += ["## Scores", "\n".join(["| measure | value | 95% interval |", "|---|---|---|", *rows])]
    if card.training_data:
        rows = [
            f"| {data.name} | {_or_nothing(data.images)} | {_or_nothing(data.classes)} | {_or_nothing(data.licence)} |"
            for data in card.training_data
        ]
        parts += ["## Trained on", "\n".join(["| data | images | classes | licence |", "|---|---|---|---|", *rows])]
    if card.source is not None:
        parts += ["## Source", "\n".join(f"- {key}: {value}" for key, value in card.source.model_dump().items() if value)]
    parts += [
        "## Licence",
        card.licence or UNNAMED,
    ]
    return "\n\n".join(parts) + "\n"


def _network(card: Card) -> dict[str, Any]:
    facts = json.loads(card.model_dump_json(exclude={"settings", "calibration", "classes"}, exclude_defaults=True))
    return {"model_type": KIND, "hidden_size": card.dim, "image_size": card.input_size, "podoba": facts}


def _interval(card: Card, name: str) -> str:
    return "{:.4f} to {:.4f}".format(*card.intervals[name]) if name in card.intervals else ""


def _or_nothing(value: object) -> str:
    return "" if value is None else str(value)
