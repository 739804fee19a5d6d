"""One query under two models: the same pictures in both answers, and how far the answers agree."""

from collections.abc import Mapping, Sequence
from typing import Any

from podoba.collection.storage.items import Item
from podoba.errors import CollectionError
from podoba.serve.library.bodies import ComparisonBody
from podoba.serve.library.pair import check_two
from podoba.serve.library.settings import DEFAULT, LibrarySettings
from podoba.serve.problems import Problem
from podoba.serve.queries.answers import name_of
from podoba.serve.queries.bodies import QueryPart, SearchBody
from podoba.serve.queries.opened import OpenedFile
from podoba.serve.queries.pictures import data_of
from podoba.serve.queries.queries import Queries

Ranks = Mapping[str, int]
"""Rank by what an image is known by, its sha256 or its id."""


def compare(queries: Queries, body: ComparisonBody, show_paths: bool, settings: LibrarySettings = DEFAULT) -> dict[str, Any]:
    """The answers of both collections to one query, joined.

    Raises:
        Problem: a collection compared with itself; a part that is of one model alone; as `Searches.search`.
        PodobaError: as `Collection.search`.
    """
    check_two(body.a, body.b)
    sides = [queries.opened_file(name) for name in (body.a, body.b)]
    answers = [_search(queries, opened, sides, body, show_paths, settings) for opened in sides]
    pictures = [_pictures(opened, answer["hits"]) for opened, answer in zip(sides, answers, strict=True)]
    ranks: list[Ranks] = [{picture: rank for rank, picture in reversed(list(enumerate(one, 1)))} for one in pictures]
    label = _label(sides, body.query)
    told = []
    for own, other in ((0, 1), (1, 0)):
        shown = pictures[own][: body.k]
        shared = ranks[other].keys() | sides[other].collection.store.items.with_contents(shown).keys()
        hits = [
            hit | {"picture": picture, "other": ranks[other].get(picture), "shared": picture in shared}
            for hit, picture in zip(answers[own]["hits"][: body.k], shown, strict=True)
        ]
        told.append(_told(sides[own], answers[own], hits, label))
    first, second = (one[: body.k] for one in pictures)
    return {
        "k": body.k,
        "depth": max(body.k, settings.depth),
        "query": [_asked(sides, part, answer) for part, answer in zip(body.query, answers[0]["query"], strict=True)],
        "not": [_asked(sides, part, answer) for part, answer in zip(body.unwanted, answers[0]["not"], strict=True)],
        "label": label,
        "a": told[0],
        "b": told[1],
        "overlap": overlap(first, second),
        "agreement": agreement(first, second),
    }


def overlap(a: Sequence[str], b: Sequence[str]) -> float | None:
    """Share of the images of two answers that are in both; None where one is empty."""
    most = min(len(a), len(b))
    return len(set(a) & set(b)) / most if most else None


def agreement(a: Sequence[str], b: Sequence[str]) -> float | None:
    """The average overlap of the first 1, 2, ... k of two answers (Fagin, Kumar and Sivakumar, 2003), 0 to 1.

    What stands first counts most. None where one is empty.
    """
    most = min(len(a), len(b))
    seen = [overlap(a[:depth], b[:depth]) or 0.0 for depth in range(1, most + 1)]
    return sum(seen) / most if most else None


def _search(
    queries: Queries,
    opened: OpenedFile,
    sides: Sequence[OpenedFile],
    body: ComparisonBody,
    show_paths: bool,
    settings: LibrarySettings,
) -> dict[str, Any]:
    """The answer of one collection, deeper than it is shown: where else a picture stands is worth knowing."""
    wanted, unwanted = ([_translated(queries, opened, sides, part) for part in parts] for parts in (body.query, body.unwanted))
    depth = max(body.k, settings.depth)
    search = SearchBody(query=wanted, unwanted=unwanted, k=depth, page=depth)
    return queries.searches.search(opened, search, show_paths=show_paths)


def _translated(queries: Queries, opened: OpenedFile, sides: Sequence[OpenedFile], part: QueryPart) -> QueryPart:
    """A part as one of the collections takes it: an item by the same image there, or else by its file.

    Raises:
        Problem: 422 for a descriptor or a file of a form; 404 for an item that neither has; 410 where its file is gone.
    """
    if part.descriptor is not None or part.image is not None:
        raise Problem(422, "of_one_model", "a descriptor is of one model: compare two by a picture, an item or words")
    if part.item is None:
        return part
    home = _home(sides, part.item)
    if home is None:
        raise Problem(404, "unknown_item", "no item of this id is in either collection")
    side, item = home
    if side is opened:
        return part
    here = opened.collection.store.items.with_contents([item.content])
    if item.content in here:
        return part.model_copy(update={"item": here[item.content]})
    upload = queries.uploads.add(data_of(item), name_of(item.uri))
    return part.model_copy(update={"item": None, "upload": upload.sha256})


def _pictures(opened: OpenedFile, hits: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each hit is known by in both collections: the sha256 of its bytes, or its id where they are not known."""
    ids = [str(hit["id"]) for hit in hits]
    contents = opened.collection.store.items.contents_of(ids)
    return [contents.get(id_, id_) for id_ in ids]


def _asked(sides: Sequence[OpenedFile], part: QueryPart, answer: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a part of the query, an item with the collection that has it; a descriptor, of one model, is left out."""
    asked = {**answer, "descriptor": None, "collection": None}
    home = None if part.item is None else _home(sides, part.item)
    if home is None:
        return asked
    side, item = home
    facts = {"kind": "item", "item": item.id, "name": name_of(item.uri), "width": item.width, "height": item.height}
    return {**asked, **facts, "collection": side.name}


def _home(sides: Sequence[OpenedFile], id_: str) -> tuple[OpenedFile, Item] | None:
    """The first of the collections that has an item of this id, and that item."""
    for side in sides:
        try:
            return side, side.collection.item(id_)
        except CollectionError:
            continue
    return None


def _label(sides: Sequence[OpenedFile], wanted: Sequence[QueryPart]) -> str | None:
    """The label of what is looked for, where it is one item."""
    if len(wanted) != 1 or wanted[0].item is None:
        return None
    home = _home(sides, wanted[0].item)
    return None if home is None else home[1].label


def _told(opened: OpenedFile, answer: Mapping[str, Any], hits: Sequence[Mapping[str, Any]], label: str | None) -> dict[str, Any]:
    labelled = [hit["label"] for hit in hits if hit["label"] is not None]
    card = opened.collection.card
    return {
        "collection": opened.name,
        "model": None if card is None else card.name,
        "calibrated": answer["calibrated"],
        "words": answer["words"],
        "exact": answer["exact"],
        "seconds": answer["seconds"],
        "precision": sum(one == label for one in labelled) / len(labelled) if label is not None and labelled else None,
        "hits": hits,
    }
