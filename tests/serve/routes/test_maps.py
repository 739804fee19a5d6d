"""Maps by the API."""

from __future__ import annotations

import httpx
import numpy as np

MAP = "/collections/shapes/map"


def test_points_colours_and_masks_are_of_one_order(client: httpx.Client) -> None:
    points = client.get(MAP)
    assert points.headers["content-type"] == "application/octet-stream"
    numbers = np.frombuffer(points.content, "<u4", 36, 4)
    codes = np.frombuffer(client.get(f"{MAP}/colour", params={"by": "label"}).content, "<u2")
    legend = client.get(f"{MAP}/legend", params={"by": "label"}).json()
    assert (legend["kind"], legend["others"], legend["missing"]) == ("values", 0, 0)
    assert [entry["count"] for entry in legend["entries"]] == [12, 12, 12]
    for code, entry in enumerate(legend["entries"], start=1):
        mask = client.get(f"{MAP}/mask", params={"where": f"label == '{entry['value']}'"}).content
        bits = np.unpackbits(np.frombuffer(mask, np.uint8), count=36, bitorder="little")
        assert np.array_equal(numbers[bits == 1], numbers[codes == code])


def test_what_the_client_has_is_not_sent_again(client: httpx.Client) -> None:
    for path in ("", "/colour?by=label", "/mask?where=width%20%3E%20190"):
        first = client.get(MAP + path)
        again = client.get(MAP + path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_the_state_says_what_a_map_was_made_of(client: httpx.Client) -> None:
    state = client.get(f"{MAP}/state").json()
    assert (state["layout"], state["items"], state["points"], state["missing"], state["umap"]) == ("pca", 36, 36, 0, False)
    assert 0 < state["explained"] <= 1


def test_landmarks_are_positions_of_the_map(client: httpx.Client) -> None:
    positions = client.get(f"{MAP}/landmarks").json()["positions"]
    assert len(set(positions)) == len(positions)
    assert set(positions) <= set(range(36))


def test_clusters_have_pictures(client: httpx.Client) -> None:
    clusters = client.get(f"{MAP}/clusters").json()["clusters"]
    assert sum(cluster["size"] for cluster in clusters) == 36
    numbers = np.frombuffer(client.get(MAP).content, "<u4", 36, 4)
    assert {item["number"] for cluster in clusters for item in cluster["items"]} <= set(numbers.tolist())


def test_what_is_not_there_is_a_problem(client: httpx.Client) -> None:
    umap = client.get(MAP, params={"layout": "umap"})
    assert (umap.status_code, umap.json()["code"]) == (404, "no_map")
    unknown = client.get(f"{MAP}/colour", params={"by": "mood"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_attribute")
    assert client.get(MAP, params={"layout": "tsne"}).json()["code"] == "invalid"
