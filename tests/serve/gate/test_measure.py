"""Counts of requests."""

from __future__ import annotations

from podoba.serve.gate.measure import Requests


def test_requests_are_counted_by_route_and_status() -> None:
    requests = Requests()
    for seconds in (0.0005, 0.03, 99.0):
        requests.count("/items/{id}", 200, seconds)
    requests.count("/items/{id}", 404, 0.001)
    lines = requests.lines()
    assert 'podoba_requests_total{route="/items/{id}",status="200"} 3' in lines
    assert 'podoba_requests_total{route="/items/{id}",status="404"} 1' in lines
    buckets = [line for line in lines if "_bucket" in line]
    assert buckets[0] == 'podoba_request_seconds_bucket{route="/items/{id}",le="0.001"} 2'
    assert buckets[-2:] == [
        'podoba_request_seconds_bucket{route="/items/{id}",le="10.0"} 3',
        'podoba_request_seconds_bucket{route="/items/{id}",le="+Inf"} 4',
    ]
    assert 'podoba_request_seconds_sum{route="/items/{id}"} 99.031500' in lines
    assert 'podoba_request_seconds_count{route="/items/{id}"} 4' in lines
