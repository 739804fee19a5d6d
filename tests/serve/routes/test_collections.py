"""The list of collections."""

import httpx


def test_a_collection_says_what_it_has(client: httpx.Client) -> None:
    (only,) = client.get("/collections").json()["collections"]
    assert (only["name"], only["items"], only["state"], only["labels"]) == ("shapes", 36, "ready", True)
    assert only["model"] == {"name": "small", "dim": 256, "calibrated": True, "words": False}
    one = client.get("/collections/shapes").json()
    index = {"kind": "exact", "recall": 1.0, "fresh": one["index"]["fresh"]}
    assert one == only | {"path": None, "index": index, "sources": ["shapes"]}


def test_an_unknown_collection_is_a_problem(client: httpx.Client) -> None:
    answer = client.get("/collections/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_collection")
    assert answer.headers["content-type"] == "application/problem+json"
