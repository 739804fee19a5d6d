"""The session of a browser: the token of the printed link for a cookie."""

import secrets
from importlib.util import find_spec
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from podoba import __version__
from podoba.serve.problems import Problem
from podoba.serve.served import of

router = APIRouter(prefix="/session", tags=["session"])


class Token(BaseModel):
    """What the printed link carries."""

    token: str = Field(max_length=200, examples=["b3JkZXItMTIzNDU2Nzg5MA"])


@router.post("", status_code=204)
def start(request: Request, body: Token) -> Response:
    """Give the token, get the cookie of a session."""
    settings = of(request).settings
    if not secrets.compare_digest(body.token.encode(), settings.token.encode()):
        raise Problem(401, "unauthorized", "this token is not of this server: open the link that it printed at its start")
    response = Response(status_code=204)
    response.set_cookie(settings.cookie, settings.token, httponly=True, samesite="strict", path="/")
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
    """Forget the cookie."""
    response = Response(status_code=204)
    response.delete_cookie(of(request).settings.cookie, path="/")
    return response
