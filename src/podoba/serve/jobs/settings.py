"""The tuned numbers of jobs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class JobSettings:
    """How jobs are run and told of.

    Attributes:
        at_once: jobs that run at the same time, each of another collection.
        most_waiting: jobs that may wait for others; one more is refused.
        kept: finished jobs that are shown.
        kept_skipped: skipped files of a job that are kept by name; all are counted.
        patience: seconds that a job may take to end when it is to; then its process is killed.
        heartbeat: seconds of silence after which a stream of events sends an empty comment, so that nobody takes it for dead.
        pace: seconds between two events of a stream at least.
        niceness: by how much a job gives way to the server that started it, as of `os.nice`.
        retry: seconds after which a job looks again whether another program still writes to its collection.
        shown_folders: folders of one folder that are listed.
        looked_at: entries of a folder that are looked at for counting its pictures.
    """

    at_once: int = 2
    most_waiting: int = 32
    kept: int = 50
    kept_skipped: int = 10_000
    patience: float = 20.0
    heartbeat: float = 15.0
    pace: float = 0.25
    niceness: int = 5
    retry: float = 1.0
    shown_folders: int = 1000
    looked_at: int = 20_000


DEFAULT = JobSettings()
