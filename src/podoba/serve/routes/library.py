"""Models, two of them side by side, and studies."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from podoba.serve.library import studies as found
from podoba.serve.problems import Problem
from podoba.serve.served import Served, of

router = APIRouter(tags=["models and studies"])

# A report is a page of its own, with scripts in it: it gets an origin that is nobody's, from which nothing can be asked.
APART = "; ".join(
    (
        "sandbox allow-scripts allow-downloads", "default-src 'none'", "img-src data:", "style-src 'unsafe-inline'",
        "script-src 'unsafe-inline'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
    )
)  # fmt: skip


@router.get("/studies")
def studies(request: Request) -> dict[str, Any]:
    """All studies that are served, and how far they have come."""
    served = of(request)
    return {"studies": [found.outline(name, folder) for name, folder in served.studies.items()]}


@router.get("/studies/{name}")
def study(request: Request, name: str) -> Response:
    """One of them: its trainings, scores and losses so far. `ETag` changes with them: asking again costs little."""
    served = of(request)
    folder = _study(served, name)
    body = json.dumps(found.details(name, folder, served.settings.show_paths), allow_nan=False).encode()
    tag = f'"{sha256(body).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


@router.get("/studies/{name}/report", response_class=FileResponse)
def report(request: Request, name: str) -> Response:
    """The report of a study, a page that stands alone."""
    path = _study(of(request), name) / found.REPORT
    if not path.is_file():
        raise Problem(404, "no_report", "no report of this study was drawn yet")
    headers = {"Content-Security-Policy": APART, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(path, headers=headers, media_type="text/html; charset=utf-8")


def _study(served: Served, name: str) -> Path:
    folder = served.studies.get(name)
    if folder is None:
        raise Problem(404, "unknown_study", "no study of this name is served")
    return folder
