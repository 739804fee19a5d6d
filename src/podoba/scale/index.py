"""Sources into a folder of descriptors, a file a shard, by an executor."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from podoba.errors import PodobaError
from podoba.executor import Executor, Outcome
from podoba.scale.encoding.current import note_listing
from podoba.scale.encoding.encode import ShardReport, encode_shard, open_once
from podoba.scale.encoding.outputs import ENDING, OutputFolder, output_name
from podoba.scale.shards.ahead import ShardsAhead
from podoba.scale.shards.listing import list_shards
from podoba.scale.shards.settings import DEFAULT, ShardSettings
from podoba.scale.shards.shard import Shard


@dataclass(frozen=True)
class FailedShard:
    """A shard that has no file.

    Attributes:
        source: as a person named it.
        key: of the shard.
        reason: in one line.
    """

    source: str
    key: str
    reason: str


@dataclass
class IntoReport:
    """What became of the shards of some sources, so far or in all.

    Attributes:
        into: where their files are.
        shards: how many there are; None while they are still listed.
        done, was_there: how many have their file, and how many of these had it before.
        images, skipped: images in these files, and images left out with a reason.
        failed: the others that ended.
        seconds: of all of it.
    """

    into: str
    shards: int | None = None
    done: int = 0
    was_there: int = 0
    images: int = 0
    skipped: int = 0
    failed: list[FailedShard] = field(default_factory=list)
    seconds: float = 0

    def to_json(self) -> dict[str, Any]:
        """All of it, for `--json`."""
        return {**vars(self), "failed": [vars(one) for one in self.failed], "seconds": round(self.seconds, 3)}

    def add(self, outcome: Outcome[Shard, ShardReport], name: str) -> None:
        """Count a shard that ended, whose file is to have this name."""
        report, error = outcome.result, outcome.error
        if report is not None and not report.path.endswith(name + ENDING):
            error = "the machine that encoded it has another model of this name: give all of them the same"
        if report is None or error is not None:
            self.failed.append(FailedShard(outcome.item.source, outcome.item.key, error or "no reason was given"))
            return
        self.done += 1
        self.was_there += report.was_there
        self.images += report.images
        self.skipped += report.skipped


OnShard = Callable[[IntoReport], None]


def index_into(
    sources: Sequence[str],
    into: str,
    model: str,
    executor: Executor,
    *,
    exclude: Sequence[str] = (),
    settings: ShardSettings = DEFAULT,
    on_progress: OnShard | None = None,
) -> IntoReport:
    """Encode the images of sources, a shard at a time on whatever the executor has, into files that `podoba import` takes.

    A shard whose file is there is not encoded again: stopped at any moment, the next call does what is missing. Where none
    failed, it is written down which shards the sources have now, so that files of what they had before are not imported.

    Args:
        sources: as `list_shards` takes them; each machine finds them under the same names.
        into: a folder that every machine has, or an address such as `s3://bucket/descriptors`.
        model: a name that means the same model on every machine.
        on_progress: called at the beginning, after each shard, and at the end.

    Raises:
        SourceError: a source that is not there, or a listing that broke off; files of shards before it stay.
        ModelError, DownloadError, CollectionError: no such model here, or the output cannot be written.
        ClusterError: no node of a cluster can work.
    """
    begun, report = time.perf_counter(), IntoReport(OutputFolder(into).place)
    fingerprint = open_once(model).fingerprint
    show = on_progress or (lambda _: None)
    names = []
    with ShardsAhead(list_shards(sources, settings, exclude=exclude)) as shards:
        show(report)
        for outcome in executor.run(partial(encode_shard, model=model, out=report.into), shards):
            names.append(output_name(fingerprint, outcome.item.key))
            report.add(outcome, names[-1])
            report.shards = shards.count if shards.is_complete else None
            report.seconds = time.perf_counter() - begun
            show(report)
        report.shards = shards.count
    show(report)
    if not report.failed:
        note_listing(report.into, sources, fingerprint, names)
    report.seconds = time.perf_counter() - begun
    return report


def raise_for_failed(report: IntoReport) -> None:
    """Raise `PodobaError` where a shard failed, with the reason of the first."""
    if report.failed:
        first = report.failed[0]
        raise PodobaError(
            f"{len(report.failed)} of {report.shards} shards failed, the first, of {first.source}: {first.reason}; the others "
            "are done: mend it and give the same command again"
        )
