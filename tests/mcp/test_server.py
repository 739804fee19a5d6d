"""The tools by the protocol, driven by its own client over standard input and output."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import os
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

mcp = pytest.importorskip("mcp")
pytestmark = pytest.mark.slow
Ask = Callable[[Any], Awaitable[None]]


@pytest.fixture
def converse(photos: Path, folders: Path, tmp_path: Path) -> Callable[[Ask], str]:
    """Starts the program and has a conversation with it; gives what it said on its standard error."""

    def run(ask: Ask) -> str:
        said = tmp_path / "stderr.txt"

        async def talk() -> None:
            kept = {name: os.environ[name] for name in ("PYTHONPATH", "PODOBA_CACHE") if name in os.environ}
            arguments = ["-m", "podoba", "mcp", str(photos), "--allow", str(folders / "photos")]
            parameters = mcp.StdioServerParameters(command=sys.executable, args=arguments, env=kept)
            with said.open("w") as errors:
                async with mcp.stdio_client(parameters, errlog=errors) as streams, mcp.ClientSession(*streams) as session:
                    await session.initialize()
                    await ask(session)

        with ThreadPoolExecutor(1) as pool:  # the thread of the tests may have a loop already
            pool.submit(asyncio.run, asyncio.wait_for(talk(), 120)).result()
        return said.read_text()

    return run


def test_the_tools_only_read_and_say_what_they_take(converse: Callable[[Ask], str]) -> None:
    async def ask(session: Any) -> None:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert set(tools) == {"about", "search", "show", "facets", "duplicates"}
        assert all(tool.annotations.read_only_hint and tool.description for tool in tools.values())
        schema = tools["search"].input_schema
        assert set(schema["required"]) == {"collection", "query"}
        assert all("description" in field for field in schema["properties"].values())
        assert "context" not in tools["duplicates"].input_schema["properties"]

    assert converse(ask) == ""


def test_a_conversation(converse: Callable[[Ask], str], photos: Path, folders: Path) -> None:
    before = hashlib.sha256(photos.read_bytes()).hexdigest()

    async def ask(session: Any) -> None:
        about = (await session.call_tool("about", {})).structured_content
        assert about["collections"][0]["items"] == 13
        query = str(folders / "photos" / "warm" / "01.png")
        found = (await session.call_tool("search", {"collection": "photos", "query": [query], "k": 3})).structured_content
        assert [Path(item["uri"]).name for item in found["itself"]] == ["01.png", "copy.png"]
        assert len(found["hits"]) == 3
        shown = await session.call_tool("show", {"collection": "photos", "ids": [hit["id"] for hit in found["hits"]]})
        assert [part.type for part in shown.content] == 3 * ["text", "image"]
        assert found["hits"][0]["id"] in shown.content[0].text
        assert shown.content[1].mime_type == "image/jpeg"
        assert Image.open(io.BytesIO(base64.b64decode(shown.content[1].data))).size == (150, 100)
        facets = (await session.call_tool("facets", {"collection": "photos"})).structured_content["facets"]
        assert "label" in [facet["name"] for facet in facets]
        stages: list[str] = []

        async def tell(progress: float, total: float | None, message: str | None) -> None:
            stages.append(message or "")

        answer = await session.call_tool("duplicates", {"collection": "photos"}, progress_callback=tell)
        assert answer.structured_content["by_kind"]["identical"] == 1
        assert "comparing pairs" in stages

    converse(ask)
    assert hashlib.sha256(photos.read_bytes()).hexdigest() == before


def test_what_is_wrong_is_said_to_the_assistant_and_the_conversation_goes_on(
    converse: Callable[[Ask], str], folders: Path
) -> None:
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("search", {"collection": "phots", "query": ["id:1"]}, "did you mean photos"),
        ("search", {"collection": "photos", "query": ["id:1"]}, "1"),
        ("search", {"collection": "photos", "query": [str(folders / "secret" / "hidden.png")]}, "may be read"),
        ("search", {"collection": "photos", "query": ["text:a cat"]}, "words"),
        ("search", {"collection": "photos", "query": ["text:"]}, "words"),
        ("search", {"collection": "photos", "query": []}, "query"),
        ("facets", {"collection": "photos", "where": "label = 3"}, "filter"),
        ("show", {"collection": "photos", "ids": 13 * ["1"]}, "too many"),
        ("duplicates", {"collection": "photos", "kinds": ["odd"]}, "no kind"),
    ]

    async def ask(session: Any) -> None:
        for tool, arguments, words in wrong:
            answer = await session.call_tool(tool, arguments)
            assert answer.is_error, tool
            assert words in answer.content[0].text
        assert not (await session.call_tool("about", {})).is_error

    assert "Traceback" not in converse(ask)
