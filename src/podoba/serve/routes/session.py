"""The session of a browser: the token of the printed link for a cookie."""

from importlib.util import find_spec
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from podoba import __version__
from podoba.serve.gate.access import API, cookies_of
from podoba.serve.problems import Problem
from podoba.serve.served import of

router = APIRouter(prefix="/session", tags=["session"])


class Token(BaseModel):
    """What the printed link carries."""

    token: str = Field(max_length=200, examples=["b3JkZXItMTIzNDU2Nzg5MA"])


@router.post("", status_code=204)
def start(request: Request, body: Token) -> Response:
    """Give the token, get the cookie of a session."""
    served = of(request)
    session = served.sessions.begin(body.token)
    if session is None:
        raise Problem(401, "unauthorized", "this token is not of this server: open the link that it printed at its start")
    response = Response(status_code=204)
    # Only for the API: the browser gives it to servers on other ports of this host too, but under this path alone.
    response.set_cookie(
        served.settings.cookie, session, path=API, httponly=True, samesite="strict", secure=served.settings.secure
    )
    return response


@router.get("")
def describe(request: Request) -> dict[str, Any]:
    """What this server allows, and what is installed."""
    settings = of(request).settings
    return {
        "version": __version__,
        "show_paths": settings.show_paths,
        "allow_changes": settings.allow_changes,
        "allow_index": bool(settings.allow_index),
        "limits": {"upload_bytes": settings.largest_upload, "k": settings.most_hits},
        "extras": {"map": find_spec("umap") is not None, "text": find_spec("tokenizers") is not None},
    }


@router.delete("", status_code=204)
def end(request: Request) -> Response:
    """End the session and forget its cookie."""
    served = of(request)
    for session in cookies_of(request.scope, served.settings.cookie):
        served.sessions.end(session)
    response = Response(status_code=204)
    response.delete_cookie(served.settings.cookie, path=API)
    return response
