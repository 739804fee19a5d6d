"""A published text tower, its tokenizer and its limits as one file of ours, beside the model whose pictures its words fit."""

import json
from pathlib import Path
from typing import Any

from podoba.errors import ModelError
from podoba.files import read_bounded
from podoba.models.card_file import read_card
from podoba.models.encoder import fingerprint_of
from podoba.models.foreign.graph_file import append_metadata, writing
from podoba.models.foreign.text_graph import write_text_graph
from podoba.models.published.layout import NETWORK, TEXT_GRAPHS, TOKENIZERS
from podoba.models.text import CARD_KEY, TOKENIZER_KEY, TextCard

LARGEST = 1 << 27  # bytes of a tokenizer; those of a quarter of a million words have 34 million
LONGEST = 4096  # tokens; more stands for no limit
USUAL = 77  # of CLIP and of what open_clip publishes
PADDED = {"siglip": 64, "siglip2": 64}  # kinds of networks that learned from texts filled up to so many tokens
SMALL_LETTERS = ("siglip2",)  # and from small letters alone


def import_text(folder: Path, out: Path, *, model: Path, file: str | None = None, output: str | None = None) -> TextCard:
    """Make one file of the text tower of a published repository's folder. Equal files make equal bytes.

    Args:
        out: the `.text.onnx` file to be written, whole or not at all.
        model: the file that was made of the same repository's graph of pictures.
        file: the graph's path inside the folder; None: the first of `TEXT_GRAPHS`.
        output: as in `import_folder`.

    Raises:
        ModelError: a file that is missing, damaged or not understood, or descriptors of another length than those of pictures.
    """
    place = (folder / (file or next((path for path in TEXT_GRAPHS if (folder / path).is_file()), ""))).parent
    tokenizer, settings = _read(folder, place, TOKENIZERS[0]), _read(folder, place, TOKENIZERS[1], {})
    network, card = _read(folder, place, NETWORK, {}), read_card(model)
    kind = str(network.get("model_type", ""))
    with writing(out) as draft:
        graph = write_text_graph(folder, draft, file=file, output=output)
        if graph.dim != card.dim:
            raise ModelError(
                f"{folder / graph.file}: describes words by {graph.dim} numbers, and pictures are described by {card.dim}: "
                "they are not of one model"
            )
        made = TextCard(
            model=card.name,
            fingerprint=fingerprint_of(model),
            dim=graph.dim,
            length=graph.length or PADDED.get(kind) or _length(settings, network),
            whole_length=graph.length is not None or kind in PADDED,
            padding=_padding(tokenizer, settings),
            lower_case=kind in SMALL_LETTERS or settings.get("do_lower_case") is True,
            licence=card.licence or "",
        )
        append_metadata(draft, {CARD_KEY: made.model_dump_json(), TOKENIZER_KEY: json.dumps(tokenizer, ensure_ascii=False)})
    return made


def _length(settings: dict[str, Any], network: dict[str, Any]) -> int:
    """The most tokens of a text, as tokenizer or network say."""
    below = [network.get(part) for part in ("text_config", "text_cfg")]
    said = [settings.get("model_max_length")]
    said += [part.get(key) for part in below if isinstance(part, dict) for key in ("max_position_embeddings", "context_length")]
    return next((int(length) for length in said if isinstance(length, int) and 0 < length <= LONGEST), USUAL)


def _padding(tokenizer: dict[str, Any], settings: dict[str, Any]) -> int:
    """The number of the token that texts are filled up with; 0 where none is named."""
    known = tokenizer.get("padding")
    if isinstance(known, dict) and isinstance(known.get("pad_id"), int):
        return int(known["pad_id"])
    named = settings.get("pad_token")
    token = named.get("content") if isinstance(named, dict) else named
    added, vocabulary = tokenizer.get("added_tokens") or [], (tokenizer.get("model") or {}).get("vocab")
    numbers = {entry["content"]: entry["id"] for entry in added}
    if isinstance(vocabulary, dict):
        numbers = vocabulary | numbers
    return int(numbers.get(token, 0))


def _read(folder: Path, place: Path, name: str, otherwise: dict[str, Any] | None = None) -> dict[str, Any]:
    """A file of facts beside the graph, else at the root; `otherwise` where there is none. Raises `ModelError`."""
    path = next((path / name for path in (place, folder) if (path / name).is_file()), None)
    if path is None:
        if otherwise is None:
            raise ModelError(f"{folder}: has no {name}, and without it words cannot be read: fetch it beside the graph")
        return otherwise
    try:
        facts = json.loads(read_bounded(path, LARGEST))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: damaged ({error}): fetch it again") from error
    if not isinstance(facts, dict):
        raise ModelError(f"{path}: no settings: fetch it again")
    return facts
