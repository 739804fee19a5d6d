"""Health, readiness and numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx


def test_health_and_readiness_need_no_token(site: Any) -> None:
    for name in ("health", "ready"):
        assert httpx.get(f"{site.address}/api/v1/{name}").json() == {"status": "ok"}


def test_a_server_of_a_damaged_collection_is_not_ready_and_does_not_say_which(serve: Callable[..., Any], tmp_path: Path) -> None:
    broken = tmp_path / "secret.podoba"
    broken.write_bytes(b"no database" * 100)
    with serve([broken]) as site:
        answer = httpx.get(f"{site.address}/api/v1/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert "secret" not in answer.text


def test_metrics_are_of_routes_and_not_of_addresses(serve: Callable[..., Any], tmp_path: Path) -> None:
    with serve([tmp_path / "none.podoba"]) as site, site.client() as client:
        for path in ("/collections/none", "/collections/other", "/collections/another", "/health", "/made/up"):
            client.get(path)
        client.get(f"{site.address}/static/icon.svg")
        client.get("/collections", headers={"Host": "evil.example"})
        answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    for row in (
        '{route="/collections/{name}",status="200"} 1', '{route="/collections/{name}",status="404"} 2',
        '{route="/health",status="200"} 1', '{route="/static",status="200"} 1', '{route="none",status="404"} 1',
        '{route="none",status="403"} 1',
    ):  # fmt: skip
        assert f"podoba_requests_total{row}" in lines
    assert "podoba_requests_in_progress 1" in lines
    assert "podoba_work_waiting 0" in lines
    assert "podoba_decoders 0" in lines
    assert "made" not in answer.text
    assert all(
        re.fullmatch(r'# TYPE \w+ (counter|gauge|histogram)|\w+(\{(\w+="[^"\\]*",?)+\})? [\d.e+-]+', line) for line in lines
    )
    memory = next(float(line.split()[1]) for line in lines if line.startswith("process_resident_memory_bytes"))
    assert 20e6 < memory < 4e9


def test_metrics_need_the_token(site: Any) -> None:
    assert httpx.get(f"{site.address}/api/v1/metrics").status_code == 401
