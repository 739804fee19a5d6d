"""Marks of answers, and the search that learns from them at once."""

from typing import Any

from podoba.collection.storage.marks import Mark
from podoba.files import shown
from podoba.serve.problems import Problem
from podoba.serve.queries.answers import name_of
from podoba.serve.queries.bodies import MarksBody
from podoba.serve.queries.opened import OpenedCollection
from podoba.serve.queries.searching import Searches


def change_marks(searches: Searches, opened: OpenedCollection, body: MarksBody, *, show_paths: bool) -> dict[str, Any]:
    """Keep and forget marks of a query: all that it has then, and the result of the search that was asked for.

    Raises:
        Problem: what cannot be marked.
        PodobaError: as `Collection.mark` and `Searches.search`.
    """
    collection, part = opened.collection, searches.known(opened, body.query).part
    right, wrong = set(body.right), set(body.wrong)
    if right & wrong or (right | wrong) & set(body.clear):
        raise Problem(422, "wrong_marks", "an item is marked in one way, or its mark is forgotten; not both")
    if body.query.item is not None and collection.item(body.query.item).id in right | wrong:
        raise Problem(422, "wrong_marks", "the query itself is no answer to it: mark others")
    if body.clear:
        collection.forget(part, body.clear)
    if right or wrong:
        encoder = searches.describer.encoder(collection) if body.query.text is not None else None
        collection.mark(part, right=right, wrong=wrong, encoder=encoder)
    key = collection.key_of(part)
    return {
        "marks": [mark_json(mark) for mark in collection.marks() if mark.query == key],
        "result": None if body.search is None else searches.search(opened, body.search, show_paths=show_paths),
    }


def mark_json(mark: Mark) -> dict[str, Any]:
    """A mark, without the places of files."""
    return {
        "query": mark.query, "asked": name_of(shown(mark.query_name)), "id": mark.id, "name": name_of(mark.uri),
        "right": mark.right, "made": mark.made, "model": mark.model,
    }  # fmt: skip
