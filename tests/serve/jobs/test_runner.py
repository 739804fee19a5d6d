"""Jobs in processes of their own: in line, paused, stopped, killed, and the collection afterwards."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.collection.storage.lock import only_writer
from podoba.serve.jobs.job import Job
from podoba.serve.jobs.runner import Jobs
from podoba.serve.problems import Problem

pytestmark = pytest.mark.slow
Until = Callable[[Callable[[], object]], None]
Wait = Callable[[Job, str], None]


def of(folder: Path) -> dict[str, Any]:
    return {"folder": str(folder), "model": "small", "forget": False}


def pid(jobs: Jobs, job: Job) -> int:
    return jobs._processes[job.id].pid


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def count(path: Path) -> int:
    with Collection.open(path, read_only=True) as collection:
        assert collection.check() == []
        return len(collection)


def test_a_folder_becomes_a_collection(jobs: Jobs, many: Path, wait: Wait, tmp_path: Path) -> None:
    heard = threading.Event()
    forget = jobs.listen(heard.set)
    job = jobs.start("index", "new", of(many))
    wait(job, "done")
    assert heard.is_set()
    forget()
    assert job.result is not None
    assert (job.result["added"], job.skipped_count) == (400, 1)
    rows, total = jobs.skipped(job.id, 0, 10)
    assert ([Path(row.uri).name for row in rows], total) == (["broken.png"], 1)
    assert jobs.skipped(job.id, 1, 10) == ([], 1)
    assert count(tmp_path / "new.podoba") == 400


def test_who_reads_sees_new_items_while_a_job_runs(jobs: Jobs, many: Path, wait: Wait, until: Until, tmp_path: Path) -> None:
    path = tmp_path / "new.podoba"
    job = jobs.start("index", "new", of(many))
    until(lambda: job.done or job.has_ended)
    assert not job.has_ended
    with Collection.open(path) as collection:
        seen = [len(collection)]
        while not job.has_ended:
            if len(collection) > seen[-1]:
                seen.append(len(collection))
                assert len(collection.search(f"id:{collection.items()[-1].id}", k=3))
    wait(job, "done")
    assert len(seen) > 2


def test_a_paused_job_holds_nothing_and_goes_on_from_where_it_was(
    jobs: Jobs, many: Path, wait: Wait, until: Until, tmp_path: Path
) -> None:
    path = tmp_path / "new.podoba"
    job = jobs.start("index", "new", of(many))
    until(lambda: job.done or job.has_ended)
    process = pid(jobs, job)
    assert jobs.pause(job.id).state == "paused"
    until(lambda: not is_alive(process))
    until(lambda: job.id not in jobs._processes)
    assert job.state == "paused"
    kept = count(path)
    assert 0 < kept < 400
    with Collection.open(path) as collection:
        first = collection.items()[0].id
        collection.mark(f"id:{first}", right=[collection.items()[1].id])  # nobody else writes
    jobs.resume(job.id)
    until(lambda: job.total)
    assert job.done >= kept  # nothing is encoded twice
    wait(job, "done")
    assert job.result is not None
    assert (job.result["added"], job.result["unchanged"]) == (400 - kept, kept)
    assert count(path) == 400


def test_a_paused_job_may_be_resumed_while_its_process_still_ends(jobs: Jobs, many: Path, wait: Wait, until: Until) -> None:
    job = jobs.start("index", "new", of(many))
    until(lambda: job.done or job.has_ended)
    jobs.pause(job.id)
    jobs.resume(job.id)
    assert job.state == "waiting"
    wait(job, "done")


def test_a_stopped_job_keeps_what_it_has_done(jobs: Jobs, many: Path, wait: Wait, until: Until, tmp_path: Path) -> None:
    job = jobs.start("index", "new", of(many))
    until(lambda: job.done or job.has_ended)
    assert jobs.stop(job.id).state == "stopped"
    until(lambda: job.id not in jobs._processes)
    assert (job.state, job.code) == ("stopped", None)
    assert 0 < count(tmp_path / "new.podoba") < 400
    with pytest.raises(Problem) as refused:
        jobs.stop(job.id)
    assert (refused.value.status, refused.value.code, refused.value.more) == (409, "wrong_state", {"state": "stopped"})
    with pytest.raises(Problem):
        jobs.pause(job.id)


def test_a_killed_job_says_so_leaves_the_collection_right_and_can_be_started_again(
    jobs: Jobs, many: Path, wait: Wait, until: Until, tmp_path: Path
) -> None:
    job = jobs.start("index", "new", of(many))
    until(lambda: job.done or job.has_ended)
    os.kill(pid(jobs, job), signal.SIGKILL)
    until(lambda: job.has_ended)
    assert (job.state, job.code) == ("failed", "killed")
    assert job.message is not None
    assert 0 < count(tmp_path / "new.podoba") < 400
    jobs.resume(job.id)
    assert job.code is None
    wait(job, "done")
    assert count(tmp_path / "new.podoba") == 400


def test_one_job_a_collection_in_the_order_in_which_they_came(jobs: Jobs, many: Path, shapes: Path, wait: Wait) -> None:
    first = jobs.start("index", "new", of(many))
    second = jobs.start("index", "new", of(shapes))
    other = jobs.start("index", "other", of(shapes))
    assert [job.state for job in (first, second, other)] == ["running", "waiting", "running"]
    assert jobs.start("index", "new", of(shapes)) is second  # not twice
    assert [job["id"] for job in jobs.states()[2]["jobs"]] == [other.id, second.id, first.id]
    wait(second, "done")
    assert first.state == "done"
    wait(other, "done")


def test_a_paused_job_lets_others_pass_and_one_that_waits_can_be_paused(jobs: Jobs, many: Path, shapes: Path, wait: Wait) -> None:
    first = jobs.start("index", "new", of(many))
    second = jobs.start("index", "new", of(shapes))
    jobs.pause(second.id)
    jobs.pause(first.id)
    jobs.resume(second.id)
    wait(second, "done")
    assert first.state == "paused"


def test_more_jobs_than_may_wait_are_refused(jobs: Jobs, tmp_path: Path, many: Path) -> None:
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        jobs.start("index", "new", of(tmp_path / str(number)))
    with pytest.raises(Problem) as refused:
        jobs.start("index", "new", of(many))
    assert (refused.value.status, refused.value.code) == (503, "busy")


def test_another_program_that_writes_is_waited_for(jobs: Jobs, shapes: Path, wait: Wait, until: Until, tmp_path: Path) -> None:
    with only_writer(tmp_path / "new.podoba"):
        job = jobs.start("index", "new", of(shapes))
        until(lambda: job.code or job.has_ended)
        assert (job.state, job.code) == ("running", "busy")
    wait(job, "done")
    assert job.code is None


def test_a_source_that_is_gone_is_a_reason(jobs: Jobs, tmp_path: Path, until: Until) -> None:
    job = jobs.start("index", "new", of(tmp_path / "gone"))
    until(lambda: job.has_ended)
    assert (job.state, job.code) == ("failed", "source_gone")
    assert str(tmp_path) not in str(job.to_json())
    assert not (tmp_path / "new.podoba").exists()


def test_the_end_of_the_server_ends_its_jobs(jobs: Jobs, many: Path, until: Until, tmp_path: Path) -> None:
    job = jobs.start("index", "new", of(many))
    until(lambda: job.done or job.has_ended)
    process = pid(jobs, job)
    jobs.close()
    assert jobs.closed
    assert not is_alive(process)
    assert job.state == "stopped"
    assert 0 < count(tmp_path / "new.podoba") < 400


def test_unknown_kinds_and_jobs(jobs: Jobs) -> None:
    with pytest.raises(Problem) as unknown:
        jobs.start("sing", "new", {})
    assert unknown.value.code == "unknown_kind"
    for act in (jobs.get, jobs.pause, jobs.stop, jobs.resume, jobs.state):
        with pytest.raises(Problem) as unknown:
            act("0" * 16)
        assert unknown.value.code == "unknown_job"
