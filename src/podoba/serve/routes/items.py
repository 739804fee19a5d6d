"""Items, and their pictures."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from podoba.collection.storage.items import Item
from podoba.files import shown
from podoba.serve.problems import Problem
from podoba.serve.queries import listing
from podoba.serve.queries.answers import item_json, name_of
from podoba.serve.queries.bodies import ItemFacts, ItemsAnswer
from podoba.serve.queries.pictures import original, preview, thumbnail
from podoba.serve.queries.settings import DEFAULT
from podoba.serve.routes.search import PICTURE, answer
from podoba.serve.served import Served, of

router = APIRouter(prefix="/collections/{name}", tags=["items"])
BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
KEPT: dict[int | str, dict[str, Any]] = PICTURE | {304: {}}
IMAGE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}}
Where = Annotated[str | None, Query(max_length=10_000, description="A filter.", examples=["width > 1000"])]
Sort = Annotated[
    str | None,
    Query(
        max_length=300, description="`added`, `name`, `label`, `size`, `width`, an attribute ...; `-` before it turns it round."
    ),
]
Id = Annotated[str, Path(max_length=200)]
Number = Annotated[int, Path(ge=0, lt=1 << 53)]
Side = Literal["96", "192", "384"]


@router.get("/items", response_model=ItemsAnswer)
async def items(
    request: Request,
    name: str,
    where: Where = None,
    sort: Sort = None,
    offset: Annotated[int, Query(ge=0, lt=1 << 53)] = 0,
    k: Annotated[int, Query(ge=1, le=DEFAULT.most_items)] = DEFAULT.page,
    numbers: Annotated[str | None, Query(max_length=20_000, pattern=r"^\d{1,15}(,\d{1,15})*$", examples=["1,2,3"])] = None,
) -> Response:
    """A page of the items of a filter in an order; or those of some numbers, in the order of these."""
    served = of(request)
    paths = served.settings.show_paths

    def work() -> dict[str, Any]:
        if numbers is None:
            return listing.items_page(served.queries.opened(name), where, sort, offset, k, show_paths=paths)
        wanted = [int(number) for number in numbers.split(",")][: DEFAULT.most_items]
        found = listing.numbered(served.queries.opened_file(name), wanted, show_paths=paths)
        return {"items": found, "total": len(found)}

    return await answer(served, work)


@router.get("/items/{id}", response_model=ItemFacts)
async def item(request: Request, name: str, id: Id) -> Response:
    """One item, and where it was found."""
    served = of(request)
    paths = served.settings.show_paths

    def work() -> dict[str, Any]:
        found = served.searchable(name).item(id)
        source = shown(found.source) if paths else name_of(found.source.rstrip("/"))
        return item_json(found, paths) | {"source": source}

    return await answer(served, work)


@router.get("/items/{id}/thumbnail", responses=KEPT, response_class=Response)
async def item_thumbnail(request: Request, name: str, id: Id, side: Side = "192") -> Response:
    """A JPEG, upright, by the pixels of its longer side."""
    served = of(request)
    return await served.room.run(lambda: _thumbnail(served, request, name, served.searchable(name).item(id), int(side)))


@router.get("/numbers/{number}/thumbnail", responses=KEPT, response_class=Response)
async def numbered_thumbnail(request: Request, name: str, number: Number, side: Side = "192") -> Response:
    """The same, of an item by its number."""
    served = of(request)
    return await served.room.run(lambda: _thumbnail(served, request, name, _numbered(served, name, number), int(side)))


@router.get("/items/{id}/original", responses=IMAGE, response_class=Response)
async def item_original(request: Request, name: str, id: Id) -> Response:
    """The file itself as it was indexed, where browsers show its kind: JPEG, PNG, GIF, WebP, AVIF, BMP."""
    served = of(request)

    def work() -> Response:
        found = original(served.searchable(name).item(id), served.queries.settings.originals)
        return Response(found.data, media_type=found.kind, headers={**found.headers, "Cache-Control": "private, no-cache"})

    return await served.room.run(work)


@router.get("/items/{id}/preview", responses=PICTURE, response_class=Response)
async def item_preview(request: Request, name: str, id: Id, side: Literal["1024", "2048"] = "1024") -> Response:
    """A large JPEG, for pictures that browsers do not show by themselves."""
    served = of(request)
    jpeg = await served.room.run(lambda: preview(served.queries.decoders, served.searchable(name).item(id), int(side)))
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})


@router.get("/layout", responses=BINARY, response_class=Response)
async def layout(request: Request, name: str, where: Where = None, sort: Sort = None) -> Response:
    """All items of a filter in an order, little endian: uint32 n, n x uint32 number, n x uint16 1000 * width / height."""
    served = of(request)
    data = await served.room.run(lambda: listing.layout(served.queries.opened_file(name), where, sort))
    return Response(data, media_type="application/octet-stream")


def _numbered(served: Served, name: str, number: int) -> Item:
    found = served.collection(name).store.items.of_numbers([number])
    if number not in found:
        raise Problem(404, "unknown_item", "the collection has no such item (any more)")
    return found[number]


def _thumbnail(served: Served, request: Request, name: str, found: Item, side: int) -> Response:
    """A thumbnail; 304 where the client has it already, since it depends on the content alone."""
    seconds = served.queries.settings.thumbnail_seconds
    tag = f'"{found.picture}-{side}"'
    headers = {"ETag": tag, "Cache-Control": f"private, max-age={seconds}, immutable"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(thumbnail(served.queries.opened(name), found, side), media_type="image/jpeg", headers=headers)
