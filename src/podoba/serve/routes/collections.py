"""The collections that are served."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request

from podoba.files import shown
from podoba.serve.queries.answers import name_of
from podoba.serve.queries.opened import OpenedCollection, OpenedFile
from podoba.serve.served import Served, of

router = APIRouter(prefix="/collections", tags=["collections"])


@router.get("")
def collections(request: Request) -> dict[str, Any]:
    """All of them."""
    served = of(request)
    return {"collections": [described(served, name) for name in served.places]}


@router.get("/{name}")
def collection(request: Request, name: str) -> dict[str, Any]:
    """One of them: also where it is, how it is searched, and where its pictures are from; these two of a file alone."""
    served = of(request)
    place = served.place(name)
    path = shown(served.shown_places[name]) if served.settings.show_paths else None
    facts = described(served, name) | {"path": path}
    if facts["state"] == "missing" or isinstance(place, str):
        return facts | {"index": None, "sources": []}
    opened = served.collection(name)
    index = opened.info()["index"]
    sources = [shown(source) for source in opened.store.items.sources()]
    return facts | {
        "index": {"kind": index["kind"], "recall": index["recall@10"], "fresh": index["fresh"]},
        "sources": sources if served.settings.show_paths else [name_of(source.rstrip("/")) for source in sources],
    }


def described(served: Served, name: str) -> dict[str, Any]:
    """What a client is told of a collection; of one that is away little is known."""
    state, kind = served.state(name), OpenedFile if isinstance(served.place(name), Path) else OpenedCollection
    facts: dict[str, Any] = {
        "name": name, "state": state, "items": 0, "model": None, "labels": False, "attributes": [],
        "capabilities": list(kind.capabilities),
    }  # fmt: skip
    if state in ("missing", "away"):
        return facts
    opened = served.queries.opened(name)
    store = opened.collection.store
    card = store.models.card
    if card is not None:
        calibrated = card.calibration is not None
        facts["model"] = {"name": card.name, "dim": card.dim, "calibrated": calibrated, "words": opened.words}
    return facts | {"items": len(opened.collection), "labels": opened.labelled, "attributes": store.items.attribute_names()}
