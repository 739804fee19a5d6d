"""Maps of a collection: points, colours and masks as binary arrays in one shuffled order, clusters and facts as JSON."""

from importlib.util import find_spec
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from podoba.collection.map.points import Layout
from podoba.serve.maps.views import MapView
from podoba.serve.problems import Problem
from podoba.serve.served import of

router = APIRouter(prefix="/collections/{name}/map", tags=["map"])
BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "As the client has it"},
}
By = Annotated[str, Query(max_length=200, description="`label`, `format`, `width`, `height`, `size`, `cluster` or an attribute.")]


@router.get("", responses=BINARY, response_class=Response)
def points(request: Request, name: str, layout: Layout = "pca") -> Response:
    """Little endian: uint32 n, n x uint32 item numbers, n x uint16 x, n x uint16 y.

    The order is shuffled and stays as items come and go: any first part of it is a fair sample.
    """
    served = of(request)
    view = served.maps.view(served.collection(name), layout)
    return _kept(request, view.tag) or _binary(view.to_bytes(), view.tag)


@router.get("/colour", responses=BINARY, response_class=Response)
def colour(request: Request, name: str, by: By, layout: Layout = "pca") -> Response:
    """uint16 codes in the order of the map, little endian; `legend` says what they mean; 0: not known."""
    served = of(request)
    view, codes = served.maps.codes(served.collection(name), layout, by)
    return _kept(request, view.tag) or _binary(codes.astype("<u2").tobytes(), view.tag)


@router.get("/legend")
def legend(request: Request, name: str, by: By) -> dict[str, Any]:
    """What the codes of `colour` mean, from 1 on; where there are `others`, these share one further code."""
    served = of(request)
    _, colouring = served.maps.colouring(served.collection(name), by)
    return {
        "by": by, "kind": colouring.kind, "entries": colouring.entries, "others": colouring.others, "missing": colouring.missing,
    }  # fmt: skip


@router.get("/mask", responses=BINARY, response_class=Response)
def mask(
    request: Request,
    name: str,
    where: Annotated[str, Query(max_length=10_000, examples=["width > 1000"])],
    layout: Layout = "pca",
) -> Response:
    """A bit for each item in the order of the map, the lowest of a byte first: whether the filter lets it through."""
    served = of(request)
    collection = served.collection(name)
    view = served.maps.view(collection, layout)
    return _kept(request, view.tag) or _binary(view.mask(collection.store.items.numbers(where)), view.tag)


@router.get("/landmarks")
def landmarks(request: Request, name: str, layout: Layout = "pca") -> dict[str, list[int]]:
    """Positions in the order of the map of the items that stand for its parts, the most important first."""
    served = of(request)
    return {"positions": served.maps.view(served.collection(name), layout).landmarks.tolist()}


@router.get("/clusters")
def clusters(request: Request, name: str) -> dict[str, Any]:
    """Groups of look-alikes, the largest first: what the map shows, in words. They are the same for every layout."""
    served = of(request)
    return {"clusters": served.maps.described_clusters(served.collection(name))}


@router.get("/state")
def state(request: Request, name: str, layout: Layout | None = None) -> dict[str, Any]:
    """What a map was made of, and whether there is one by UMAP or could be.

    Without a layout: UMAP where there is one, else PCA.
    """
    served = of(request)
    collection = served.collection(name)
    umap: MapView | None
    try:
        umap = served.maps.view(collection, "umap")
    except Problem:
        umap = None
    view = umap if umap is not None and layout != "pca" else served.maps.view(collection, layout or "pca")
    made = view.map
    return {
        "layout": made.layout, "items": len(collection), "points": len(made.points), "fitted": made.fitted, "since": made.since,
        "missing": made.missing, "explained": made.explained, "umap": umap is not None, "extra": find_spec("umap") is not None,
    }  # fmt: skip


def _binary(data: bytes, tag: str) -> Response:
    return Response(data, media_type="application/octet-stream", headers=_headers(tag))


def _kept(request: Request, tag: str) -> Response | None:
    """The answer where the client has this state of the map already."""
    return Response(status_code=304, headers=_headers(tag)) if request.headers.get("if-none-match") == f'"{tag}"' else None


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
