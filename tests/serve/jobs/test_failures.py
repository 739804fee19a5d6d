"""Reasons of failures."""

from __future__ import annotations

from podoba import errors
from podoba.serve.jobs.failures import FAULT, OF_ERRORS, failure_of


def test_every_known_error_has_its_reason_and_others_are_faults() -> None:
    known = {name for name in OF_ERRORS if hasattr(errors, name)}
    assert known >= {"SourceError", "ModelError", "CollectionError", "CollectionBusy", "MissingExtra", "DownloadError"}
    assert failure_of("SourceError").code == "source_gone"
    assert failure_of("ZeroDivisionError") == FAULT
