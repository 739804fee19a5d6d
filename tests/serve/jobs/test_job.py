"""What is known of one job."""

from __future__ import annotations

import time

import pytest

from podoba.images.record import Skipped
from podoba.serve.jobs.job import Job


@pytest.fixture
def job() -> Job:
    return Job("0" * 16, "index", "photos", {}, can_pause=True, state="running")


def test_each_word_of_its_process_is_a_new_version(job: Job) -> None:
    job.hear({"progress": ["indexing", 5, 10]}, 10)
    job.hear({"skipped": [["/a.jpg", "cut off"], ["/b.jpg", "empty"]]}, 10)
    job.hear({"result": {"added": 5}}, 10)
    assert (job.version, job.stage, job.done, job.total, job.skipped_count) == (3, "indexing", 5, 10, 2)
    assert job.skipped == [Skipped("/a.jpg", "cut off"), Skipped("/b.jpg", "empty")]
    assert job.result == {"added": 5}


def test_the_names_of_skipped_files_are_bounded_and_their_number_is_not(job: Job) -> None:
    for _ in range(3):
        job.hear({"skipped": [["/a.jpg", "cut off"], ["/b.jpg", "empty"]]}, 3)
    assert (len(job.skipped), job.skipped_count) == (3, 6)


def test_the_time_left_is_that_of_the_stage(job: Job) -> None:
    job.hear({"progress": ["indexing", 90, 100]}, 10)
    assert job.seconds_left() is None  # nothing of it was done since
    time.sleep(0.05)
    job.hear({"progress": ["indexing", 95, 100]}, 10)
    left = job.seconds_left()
    assert left is not None
    assert 0 < left < 5
    job.hear({"progress": ["indexing", 100, 100]}, 10)
    assert job.seconds_left() is None
    job.state = "paused"
    assert job.seconds_left() is None


def test_waiting_is_a_reason_until_it_goes_on(job: Job) -> None:
    job.hear({"waiting": True}, 10)
    assert job.to_json()["code"] == "busy"
    job.hear({"progress": ["indexing", 0, 10]}, 10)
    assert job.to_json()["code"] is None


def test_a_new_attempt_begins_with_nothing(job: Job) -> None:
    job.hear({"progress": ["indexing", 5, 10], "skipped": [["/a.jpg", "cut off"]]}, 10)
    job.end("failed", "killed", "it was ended")
    assert job.has_ended
    job.begin()
    told = job.to_json()
    assert (told["state"], told["done"], told["skipped"], told["code"], told["message"]) == ("waiting", 0, 0, None, None)
    assert job.skipped == []
    assert told["version"] == 3
