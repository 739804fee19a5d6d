"""The pages: one shell, which carries no data; what a page shows it asks of the API."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader

from podoba import __version__
from podoba.serve.modules import STATIC, modules_of
from podoba.serve.problems import refused
from podoba.serve.texts import LANGUAGES, NAMES, chosen_language, texts_of

THEMES = ("auto", "light", "dark")
SHARED = ("shell", "problems")

router = APIRouter(include_in_schema=False)
templates = Environment(loader=FileSystemLoader(Path(STATIC).parent / "templates"), autoescape=True)


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        path: its address.
        texts: further subjects of `texts/`, beside the shared ones and that of its name.
        styles: names of its style sheets.
    """

    path: str
    texts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()


PAGES = {
    "models": Page("/models", ("charts",), ("charts", "figures", "library", "models")),
    "two_models": Page(
        "/compare",
        ("finder", "grid", "search", "charts"),
        ("charts", "figures", "library", "grid", "finder", "search", "two_models"),
    ),
    "home": Page("/", styles=("home",)),
    "session": Page("/session", styles=("session",)),
    "missing": Page("/missing", styles=("session",)),
    "help": Page("/help", ("grid", "map", "duplicates", "viewer"), ("help",)),
    "jobs": Page("/jobs", styles=("jobs",)),
    "welcome": Page("/welcome", texts=("jobs",), styles=("jobs", "welcome")),
    "studies": Page("/studies", ("study",), ("library",)),
    "study": Page("/studies/{name}", ("charts",), ("charts", "figures", "library", "study")),
    "search": Page("/c/{name}/search", texts=("finder", "grid"), styles=("grid", "finder", "search", "details")),
    "browse": Page("/c/{name}/browse", texts=("finder", "grid"), styles=("grid", "finder", "details")),
    "duplicates": Page("/c/{name}/duplicates", ("viewer", "jobs"), ("jobs", "review", "viewer")),
    "compare": Page("/c/{name}/compare", ("viewer",), ("viewer",)),
    "map": Page("/c/{name}/map", texts=("grid", "jobs"), styles=("grid", "jobs", "map")),
}


def page_of(name: str) -> Any:
    """The route of a page."""

    def answer(request: Request) -> HTMLResponse:
        return render(request, name, PAGES[name])

    return answer


async def missing(request: Request, error: Exception) -> Response:
    """What is answered where there is nothing: a page to who looks at one, a problem to everybody else."""
    looks = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if looks and not request.url.path.startswith(("/api/", "/static/")):
        return render(request, "missing", PAGES["missing"], HTTPStatus.NOT_FOUND)
    return await refused(request, error)


def render(request: Request, name: str, page: Page, status: int = HTTPStatus.OK) -> HTMLResponse:
    """The shell of a page in the language and theme of the reader."""
    language = chosen_language(request.cookies.get("podoba-language"), request.headers.get("accept-language"))
    theme = request.cookies.get("podoba-theme")
    texts = {key: text for subject in (*SHARED, name, *page.texts) for key, text in texts_of(language, subject).items()}
    facts = {"page": name, "version": __version__, "names": {one: NAMES[one] for one in LANGUAGES}, **request.path_params}
    html = templates.get_template("shell.html").render(
        page=name,
        language=language,
        theme=theme if theme in THEMES else THEMES[0],
        title=texts[f"{name}.title"],
        skip=texts["shell.skip"],
        notes=texts["shell.notes"],
        styles=page.styles,
        modules=modules_of(f"pages/{name}.js"),
        facts=_embedded(facts),
        texts=_embedded(texts),
    )
    return HTMLResponse(html, status, headers={"Cache-Control": "no-cache", "Vary": "Cookie, Accept-Language"})


def _embedded(values: Any) -> str:
    """JSON that ends no script element."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


for _name, _page in PAGES.items():
    router.add_api_route(_page.path, page_of(_name), methods=["GET"], name=_name)
