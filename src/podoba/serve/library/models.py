"""Models as cards: those of the collections that are served, and all that are on this computer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from podoba.collection.vector_collection import VectorCollection
from podoba.errors import ModelError
from podoba.models.bundled import BUNDLED
from podoba.models.calibration import Calibration
from podoba.models.card import Card
from podoba.models.card_file import read_card
from podoba.models.hub.text_tower import knows_words
from podoba.models.names import list_models
from podoba.models.published.catalogue import Entry, catalogue
from podoba.serve.library.places import short, told
from podoba.serve.library.settings import DEFAULT, LibrarySettings
from podoba.serve.problems import Problem

Origin = Literal["bundled", "published", "own"]


@dataclass
class Model:
    """A model that is here.

    Attributes:
        name: by which it is listed; two models have two names.
        path: of its file; None where a collection remembers a model that is no longer there.
        collections: those served whose descriptors are of it.
        copies: further files of it, by which these collections search: a text tower may lie beside one of them alone.
    """

    name: str
    card: Card
    path: Path | None
    collections: list[str] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)

    @property
    def words(self) -> bool:
        """Whether it knows words, or will once its text tower is fetched."""
        return any(knows_words(path) for path in (self.path, *self.copies) if path is not None)


def models_here(collections: Mapping[str, VectorCollection]) -> list[Model]:
    """The models of these collections, then all others that are on this computer, each once."""
    here = [Model(name, card, path) for name, path in list_models().items() if (card := _card_in(path)) is not None]
    for name, collection in collections.items():
        _add(here, name, collection)
    return sorted(here, key=lambda model: not model.collections)


def find_model(collections: Mapping[str, VectorCollection], name: str) -> Model:
    """One of `models_here`. Raises `Problem`."""
    found = next((model for model in models_here(collections) if model.name == name), None)
    if found is None:
        raise Problem(404, "unknown_model", "no model of this name is on this computer")
    return found


def described(model: Model, show_paths: bool, settings: LibrarySettings = DEFAULT) -> dict[str, Any]:
    """What a client is told of a model."""
    card, entry, source = model.card, catalogue().get(model.name), model.card.source
    origin: Origin = "bundled" if model.name in BUNDLED else "own" if entry is None and ":" not in model.name else "published"
    return {
        "name": model.name,
        "origin": origin,
        "collections": model.collections,
        "here": model.path is not None,
        "path": str(model.path) if show_paths and model.path is not None else None,
        "bytes": None if model.path is None else model.path.stat().st_size,
        "dim": card.dim,
        "version": card.version,
        "backbone": short(card.backbone, show_paths),
        "loss": card.loss,
        "precision": card.precision,
        "created": card.created[:10],
        "pixels": {"size": card.input_size, "fit": card.resize, "shortest": card.shortest, "resample": card.resample},
        "words": model.words,
        "languages": None if entry is None else entry.languages,
        "good_for": None if entry is None else entry.good_for,
        "licence": _licence(card, entry),
        "source": None if source is None or source.repository is None else short(source.repository, show_paths),
        "training_data": [data.model_dump() | {"name": short(data.name, show_paths)} for data in card.training_data],
        "classes": len(card.classes),
        "metrics": [_metric(card, metric) for metric in card.metrics],
        "curve": None if card.calibration is None else curve(card.calibration, settings),
        "notes": told(card.notes, show_paths) or "",
    }


def curve(calibration: Calibration, settings: LibrarySettings = DEFAULT) -> list[tuple[float, float]]:
    """Similarities from 0 to 1 and the chance that each stands for, beside a collection that is as usual."""
    similarities = np.linspace(0, 1, settings.curve_points)
    chances = calibration.probability(similarities)
    return [(round(float(x), 4), round(float(y), 4)) for x, y in zip(similarities, chances, strict=True)]


def _add(here: list[Model], name: str, collection: VectorCollection) -> None:
    """Note that a collection is of one of the models, or add its own."""
    card = collection.card
    if card is None:
        return
    path = _file_of(collection)
    for model in here:
        if model.card == card:
            model.collections.append(name)
            model.copies += [] if path is None else [path]
            return
    taken = {model.name for model in here}
    free = card.name if card.name not in taken else f"{card.name} ({name})"
    here.append(Model(free, card, path, [name]))


def _file_of(collection: VectorCollection) -> Path | None:
    try:
        return collection.store.models.file()
    except ModelError:
        return None


def _card_in(path: Path) -> Card | None:
    """The card in a file that is listed; None for a damaged one, which nobody can search by."""
    try:
        return read_card(path)
    except ModelError:
        return None


def _licence(card: Card, entry: Entry | None) -> str | None:
    """Of the weights, as far as it is stated: else that of what they were learned from."""
    stated = card.licence or (None if entry is None else entry.licence)
    return stated or next((data.licence for data in card.training_data if data.licence), None)


def _metric(card: Card, name: str) -> dict[str, Any]:
    low, high = card.intervals.get(name, (None, None))
    return {"name": name, "value": card.metrics[name], "low": low, "high": high}
