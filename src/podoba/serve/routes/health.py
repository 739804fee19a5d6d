"""Whether the server lives, and whether it can answer."""

from fastapi import APIRouter, Request

from podoba.serve.served import of

router = APIRouter(tags=["health"])


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready")
def ready(request: Request) -> dict[str, str]:
    """Every collection that is there can be opened."""
    served = of(request)
    for name in served.places:
        served.state(name)
    return {"status": "ok"}
