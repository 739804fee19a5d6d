"""The collections that are served."""

from typing import Any

from fastapi import APIRouter, Request

from podoba.serve.problems import Problem
from podoba.serve.served import Served, of

router = APIRouter(prefix="/collections", tags=["collections"])


@router.get("")
def collections(request: Request) -> dict[str, Any]:
    """All of them."""
    served = of(request)
    return {"collections": [described(served, name) for name in served.places]}


@router.get("/{name}")
def collection(request: Request, name: str) -> dict[str, Any]:
    """One of them."""
    served = of(request)
    if name not in served.places:
        raise Problem(404, "unknown_collection", "no collection of this name is served")
    return described(served, name)


def described(served: Served, name: str) -> dict[str, Any]:
    """What a client is told of a collection."""
    state = served.state(name)
    facts: dict[str, Any] = {"name": name, "state": state, "items": 0, "model": None, "labels": False, "attributes": []}
    if state == "missing":
        return facts
    opened = served.collection(name)
    card = opened.card
    if card is not None:
        facts["model"] = {
            "name": card.name,
            "dim": card.dim,
            "calibrated": card.calibration is not None,
            "words": served.queries.opened(name).words,
        }
    labels = opened.store.database.number("SELECT EXISTS (SELECT 1 FROM items WHERE label IS NOT NULL)")
    return facts | {"items": len(opened), "labels": bool(labels), "attributes": opened.store.items.attribute_names()}
