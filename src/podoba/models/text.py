"""Words as descriptors: the text tower of a model, which describes words as the model describes the pictures they fit."""

import logging
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from podoba.arrays import Floats
from podoba.errors import ModelError, require
from podoba.files import replacing
from podoba.models.encoder import OUTPUT, are_descriptors, open_session
from podoba.models.published.catalogue import catalogue

TOKENS, MASK = "tokens", "mask"
CARD_KEY, TOKENIZER_KEY = "podoba_text", "podoba_tokenizer"
FORMAT = 1
SUFFIX = ".text.onnx"  # in place of the model's own `.onnx`
APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ‘`´′＇", "'"))  # п'ять, п’ять and пʼять are one word
KEPT = 256  # texts whose descriptors are kept: the same words are asked again under other filters
NOT_OURS = "get it anew with its model, or make it by recipes/words/teach.py"

log = logging.getLogger(__name__)


class TextCard(BaseModel):
    """How words become tokens of a text tower, and which model it belongs to.

    Attributes:
        format: of this card and the graph; a newer one is refused.
        model: name of the model whose pictures the words are compared with.
        fingerprint: of that model's file (`Encoder.fingerprint`).
        dim: numbers of a descriptor.
        length: the most tokens of a text, those that mark its beginning and end among them.
        whole_length: whether every text is filled up to `length`, for graphs that know no other.
        padding: the token that it is filled up with.
        lower_case: whether the tower learned from small letters alone, and its tokenizer leaves that to others.
        apostrophe: the character that stands for every kind of apostrophe.
        licence: of the tower's weights, as in `Card`.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: int = FORMAT
    model: str
    fingerprint: str
    dim: int = Field(ge=1)
    length: int = Field(ge=1)
    whole_length: bool = False
    padding: int = Field(default=0, ge=0)
    lower_case: bool = False
    apostrophe: str = "'"
    licence: str = ""


class TextEncoder:
    """A text tower that is ready to describe words.

    Attributes:
        path: the `.text.onnx` file.
        card: the facts inside it.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        """Open a text tower.

        Args:
            threads: of the computation; None: one a core.

        Raises:
            ModelError: missing, damaged, foreign or newer file.
            MissingExtra: `tokenizers` is not installed.
        """
        tokenizers = require("tokenizers", "text")
        self.path = path
        self._describe = lru_cache(KEPT)(self._run)
        self._session = open_session(path, threads, fast_convolutions=False)
        facts = self._session.get_modelmeta().custom_metadata_map
        self.card = _card_in(facts, path)
        self._inputs = _check_graph(self._session, self.card, path)
        try:
            self._tokenizer = tokenizers.Tokenizer.from_str(facts[TOKENIZER_KEY])
            self._tokenizer.enable_truncation(self.card.length)
            self._tokenizer.no_padding()
            if self.card.whole_length:
                self._tokenizer.enable_padding(pad_id=self.card.padding, length=self.card.length)
        except Exception as error:  # what the Rust library raises shares no base but Exception
            raise ModelError(f"{path}: its tokenizer cannot be read ({str(error)[:200]}): {NOT_OURS}") from error

    def encode(self, texts: Sequence[str]) -> Floats:
        """Descriptors (N, dim), float32, unit length, of texts in any language the tower knows.

        Of a text with more than `card.length` tokens only its beginning counts, which is logged.

        Raises:
            ValueError: as `plain_text`.
            ModelError: the graph fails, or gives no descriptors.
        """
        described = [self._describe(plain_text(text)) for text in texts]
        return np.concatenate([np.empty((0, self.card.dim), dtype=np.float32), *described])

    def check(self, fingerprint: str, model: str) -> Self:
        """The same. Raises `ModelError` where it belongs to another model than that of a fingerprint and a name."""
        if self.card.fingerprint != fingerprint:
            raise ModelError(
                f"{self.path}: the text tower of {self.card.model!r} ({self.card.fingerprint}), and not of {model!r} "
                f"({fingerprint}), whose pictures its words cannot be compared with: {NOT_OURS}"
            )
        return self

    def _run(self, text: str) -> Floats:
        """The descriptor (1, dim) of a plain text; alone, so that no other text changes it, as it would in 8 bits."""
        letters = text.lower() if self.card.lower_case else text
        tokens = self._tokenizer.encode(letters.replace("'", self.card.apostrophe))
        if tokens.overflowing:
            log.warning("%r: more than the %d tokens that the model takes: the rest does not count", text[:60], self.card.length)
        inputs = {TOKENS: np.array([tokens.ids], dtype=np.int64)}
        if MASK in self._inputs:
            inputs[MASK] = np.array([tokens.attention_mask], dtype=np.int64)
        try:
            descriptor: Floats = self._session.run([OUTPUT], inputs)[0]
        except Exception as error:  # ONNX Runtime's errors share no base but Exception
            raise ModelError(f"{self.path}: fails on words ({' '.join(str(error).split())[:200]}): {NOT_OURS}") from error
        if descriptor.shape != (1, self.card.dim) or not are_descriptors(descriptor).all():
            raise ModelError(f"{self.path}: gives no descriptor ({self.card.dim},) of unit length of {text[:60]!r}: {NOT_OURS}")
        return descriptor


def plain_text(text: str) -> str:
    """A text as it is compared and described: composed characters (NFC), one kind of apostrophe, single spaces.

    Raises:
        ValueError: nothing is left of it, or it has characters that no text can have.
    """
    plain = " ".join(unicodedata.normalize("NFC", text).translate(APOSTROPHES).split())
    if not plain:
        raise ValueError("a query of words needs words, such as text:red car")
    try:
        plain.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{plain!r}: not a text in UTF-8") from error
    return plain


def text_path(model: Path) -> Path:
    """Where the text tower of a model's file is: beside it."""
    return model.with_suffix(SUFFIX)


def open_text(model: Path, name: str, fingerprint: str, threads: int | None = None) -> TextEncoder:
    """The text tower of a model, kept open for the next words.

    Args:
        model: the model's file.
        name: the model's, for what is said of it.
        fingerprint: of the model's file.
        threads: as `TextEncoder`.

    Raises:
        ModelError: it has none, or one of another model; else as `TextEncoder`.
    """
    path = text_path(model)
    try:
        state = path.stat()
    except OSError as error:
        knowing = ", ".join(short for short, entry in catalogue().items() if entry.text)
        raise ModelError(
            f"model {name!r} has no text tower ({path}), so it knows no words: ask with pictures, or index anew with one "
            f"that has one, such as {knowing}"
        ) from error
    return _open(path, threads, state.st_mtime_ns, state.st_size).check(fingerprint, name)


def save_text_tower(graph: Any, card: TextCard, tokenizer: str, path: Path) -> None:
    """Write a text tower, atomically.

    Args:
        graph: an `onnx.ModelProto` from `tokens` int64 (N, L), and `mask` int64 (N, L) where it needs one (1: a token of the
            text), to `descriptors` float32 (N, dim), unit length.
        tokenizer: the whole of a `tokenizer.json`.
    """
    import onnx

    ours = {CARD_KEY: card.model_dump_json(), TOKENIZER_KEY: tokenizer}
    others = [entry for entry in graph.metadata_props if entry.key not in ours]
    del graph.metadata_props[:]
    graph.metadata_props.extend(others)
    for key, value in ours.items():
        graph.metadata_props.add(key=key, value=value)
    with replacing(path) as draft:
        onnx.save(graph, str(draft))


@lru_cache(maxsize=1)  # towers are large
def _open(path: Path, threads: int | None, changed: int, size: int) -> TextEncoder:
    """A tower by its file and what changes with it."""
    return TextEncoder(path, threads)


def _card_in(facts: dict[str, str], path: Path) -> TextCard:
    try:
        card = TextCard.model_validate_json(facts[CARD_KEY])
        missing = TOKENIZER_KEY not in facts
    except (KeyError, ValidationError) as error:
        raise ModelError(f"{path}: not a text tower of podoba, or a damaged one: {NOT_OURS}") from error
    if card.format > FORMAT:
        raise ModelError(f"{path}: a text tower of format {card.format}, which a newer podoba wrote: update podoba")
    if missing:
        raise ModelError(f"{path}: a text tower without its tokenizer: {NOT_OURS}")
    return card


def _check_graph(session: Any, card: TextCard, path: Path) -> set[str]:
    """The names of the graph's inputs. Raises `ModelError` where inputs and output are not what a text tower has."""
    inputs = {node.name: node.type for node in session.get_inputs()}
    outputs = [(node.name, node.type) for node in session.get_outputs()]
    wanted = dict.fromkeys((TOKENS, MASK) if MASK in inputs else (TOKENS,), "tensor(int64)")
    if inputs != wanted or outputs != [(OUTPUT, "tensor(float)")]:
        described = ", ".join(f"{name}: {kind}" for name, kind in [*inputs.items(), *outputs])
        raise ModelError(f"{path}: not a text tower, its graph has {described}: {NOT_OURS}")
    return set(inputs)
