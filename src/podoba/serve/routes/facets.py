"""What a filter can be chosen from."""

from fastapi import APIRouter, Request, Response

from podoba.serve.queries.bodies import FacetsAnswer
from podoba.serve.queries.listing import facet_json
from podoba.serve.routes.items import Where
from podoba.serve.routes.search import answer
from podoba.serve.served import of

router = APIRouter(prefix="/collections/{name}", tags=["items"])


@router.get("/facets", response_model=FacetsAnswer)
async def facets(request: Request, name: str, where: Where = None) -> Response:
    """How many items of a filter have which label, format, size or attribute; what none of them has is left out."""
    served = of(request)
    return await answer(
        served, lambda: {"facets": [facet_json(facet) for facet in served.queries.opened_file(name).facets.of(where)]}
    )
