"""The tools under the Model Context Protocol."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from typing import Annotated, Any, ParamSpec, TypeVar

import anyio.from_thread
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from podoba.errors import PodobaError
from podoba.mcp.tools import Tools

P = ParamSpec("P")
Result = TypeVar("Result")
READING = ToolAnnotations(read_only_hint=True, open_world_hint=False)
INSTRUCTIONS = (
    "Collections of images that are searched by likeness. Begin with `about`. `search` finds items like other items (id:ID), "
    "like pictures in the folders that `about` names (their paths), or by words (text:WORDS) where the model knows words. Where "
    "probabilities are known, give `min_probability`: an empty answer then means that nothing is similar. `show` lets you see "
    "items. Nothing is ever changed."
)
Name = Annotated[str, Field(description="Name of a collection, as `about` lists them.")]
Where = Annotated[
    str | None,
    Field(description="A filter, such as: label == 'cat' and width > 1000. Names are `label`, `width`, `format` and attributes."),
]


def make_server(tools: Tools) -> MCPServer:
    """A server of these tools."""
    server = MCPServer("podoba", instructions=INSTRUCTIONS, version=version("podoba"), log_level="WARNING")

    @server.tool(annotations=READING)
    @_explained
    def about() -> dict[str, Any]:
        """The collections with their numbers of items, models and attributes, and the folders whose pictures may be named."""
        return tools.about()

    @server.tool(annotations=READING)
    @_explained
    def search(
        collection: Name,
        query: Annotated[
            list[str],
            Field(description="What is wanted, together: id:ID of an item, text:WORDS, or the path of a picture.", min_length=1),
        ],
        unwanted: Annotated[list[str], Field(description="Likewise, what the results should be unlike.")] = [],  # noqa: B006
        box: Annotated[
            tuple[float, float, float, float] | None,
            Field(description="Left, top, width and height in pixels: only this part of the first picture of the query."),
        ] = None,
        k: Annotated[int, Field(description="Results at most.", ge=1, le=100)] = 10,
        where: Where = None,
        min_probability: Annotated[
            float | None, Field(description="Only what is at least this likely to be of the same kind.", ge=0, le=1)
        ] = None,
    ) -> dict[str, Any]:
        """The items most similar to pictures, items or words, each with its similarity and, where known, its probability."""
        return tools.search(collection, query, unwanted=unwanted, box=box, k=k, where=where, min_probability=min_probability)

    @server.tool(annotations=READING, structured_output=False)
    @_explained
    def show(
        collection: Name,
        ids: Annotated[list[str], Field(description="Ids of items, twelve at most.", min_length=1)],
    ) -> list[str | Image]:
        """See items: a line about each, followed by its picture."""
        content: list[str | Image] = []
        for line, picture in tools.show(collection, ids):
            content += [line] if picture is None else [line, Image(data=picture, format="jpeg")]
        return content

    @server.tool(annotations=READING)
    @_explained
    def facets(collection: Name, where: Where = None) -> dict[str, Any]:
        """What items can be filtered by: how many have which label, format, size or attribute."""
        return tools.facets(collection, where)

    @server.tool(annotations=READING)
    @_explained
    def duplicates(
        context: Context,
        collection: Name,
        kinds: Annotated[
            list[str] | None,
            Field(description="Some of: identical, same picture, flipped or rotated, cropped or edited, near. None: all."),
        ] = None,
        where: Where = None,
        offset: Annotated[int, Field(description="Groups that are passed over, for asking for further ones.", ge=0)] = 0,
    ) -> dict[str, Any]:
        """Groups of images that are one picture, with the copy that is best kept. It may take minutes; `identical` is fast."""

        def tell(stage: str, done: int, total: int) -> None:
            anyio.from_thread.run(context.report_progress, done, total, stage)

        return tools.duplicates(collection, kinds, where, offset=offset, on_progress=tell)

    return server


def _explained(tool: Callable[P, Result]) -> Callable[P, Result]:
    """A tool whose errors that a person could mend are told to the assistant in their own words."""

    @wraps(tool)
    def run(*args: P.args, **options: P.kwargs) -> Result:
        try:
            return tool(*args, **options)
        except (PodobaError, ValueError) as error:
            raise ToolError(str(error)) from error

    return run
