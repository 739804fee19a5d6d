"""Maps of a collection: points, colours and masks as binary arrays in one shuffled order, clusters and facts as JSON."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from podoba.collection.map.points import Layout
from podoba.serve.maps.bodies import ClusterList, Landmarks, Legend, MapState
from podoba.serve.maps.views import MapView
from podoba.serve.problems import Problem
from podoba.serve.routes.search import answer
from podoba.serve.served import Served, of

router = APIRouter(prefix="/collections/{name}/map", tags=["map"])
BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "As the client has it"},
}
By = Annotated[str, Query(max_length=200, description="`label`, `format`, `width`, `height`, `size`, `cluster` or an attribute.")]
Where = Annotated[str, Query(max_length=10_000, examples=["width > 9"])]


@router.get("", responses=BINARY, response_class=Response)
async def points(request: Request, name: str, layout: Layout = "pca") -> Response:
    """Little endian: uint32 n, n x uint32 item numbers, n x uint16 x, n x uint16 y.

    The order is shuffled and stays as items come and go: any first part of it is a fair sample.
    """
    return await _sent(request, name, layout, lambda served, view: view.to_bytes())


@router.get("/colour", responses=BINARY, response_class=Response)
async def colour(request: Request, name: str, by: By, layout: Layout = "pca") -> Response:
    """uint16 codes in the order of the map, little endian; `legend` says what they mean; 0: not known."""

    def codes(served: Served, view: MapView) -> bytes:
        return served.maps.codes(served.collection(name), view, by).astype("<u2").tobytes()

    return await _sent(request, name, layout, codes)


@router.get("/mask", responses=BINARY, response_class=Response)
async def mask(request: Request, name: str, where: Where, layout: Layout = "pca") -> Response:
    """A bit for each item in the order of the map, the lowest of a byte first: whether the filter lets it through."""

    def bits(served: Served, view: MapView) -> bytes:
        return view.mask(served.collection(name).store.items.numbers(where))

    return await _sent(request, name, layout, bits)


@router.get("/legend", response_model=Legend)
async def legend(request: Request, name: str, by: By) -> Response:
    """What the codes of `colour` mean, from 1 on; where there are `others`, these share one further code."""
    served = of(request)

    def work() -> dict[str, Any]:
        _, found = served.maps.colouring(served.collection(name), by)
        return {"by": by, "kind": found.kind, "entries": found.entries, "others": found.others, "missing": found.missing}

    return await answer(served, work)


@router.get("/landmarks", response_model=Landmarks)
async def landmarks(request: Request, name: str, layout: Layout = "pca") -> Response:
    """Positions in the order of the map of the items that stand for its parts, the most important first."""
    served = of(request)
    return await answer(served, lambda: {"positions": served.maps.view(served.collection(name), layout).landmarks.tolist()})


@router.get("/clusters", response_model=ClusterList)
async def clusters(request: Request, name: str) -> Response:
    """Groups of look-alikes, the largest first: what the map shows, in words. They are the same for every layout."""
    served = of(request)
    return await answer(served, lambda: {"clusters": served.maps.described_clusters(served.collection(name))})


@router.get("/state", response_model=MapState)
async def state(request: Request, name: str, layout: Layout | None = None) -> Response:
    """What a map was made of, and whether there is one by UMAP or could be.

    Without a layout: UMAP where there is one, else PCA.
    """
    served = of(request)
    return await answer(served, lambda: _state(served, name, layout))


def _state(served: Served, name: str, layout: Layout | None) -> dict[str, Any]:
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


async def _sent(request: Request, name: str, layout: Layout, make: Callable[[Served, MapView], bytes]) -> Response:
    """Bytes of a map; none where the client has them already."""
    served = of(request)

    def work() -> Response:
        view = served.maps.view(served.collection(name), layout)
        headers = {"ETag": f'"{view.tag}"', "Cache-Control": "private, no-cache"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(make(served, view), media_type="application/octet-stream", headers=headers)

    return await served.room.run(work)
