"""Numbers of jobs that must fit others."""

from __future__ import annotations

import inspect

from podoba.serve.client.client import Client
from podoba.serve.gate.settings import GateSettings
from podoba.serve.jobs.settings import DEFAULT


def test_whoever_listens_hears_something_before_giving_up() -> None:
    patience = inspect.signature(Client.__init__).parameters["timeout"].default
    assert DEFAULT.pace < DEFAULT.heartbeat < patience / 2


def test_streams_have_ended_when_the_server_stops_waiting_for_requests() -> None:
    assert DEFAULT.pace < GateSettings().closing_seconds
