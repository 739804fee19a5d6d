"""Sources encoded into a folder of shards, with progress shown and the outcome printed."""

from collections.abc import Sequence

from podoba.cli.console import print_json, print_line, say
from podoba.cli.encoders import model_file
from podoba.cli.terminal.meter import Meter
from podoba.cli.terminal.progress import meter
from podoba.models.bundled import DEFAULT_MODEL
from podoba.models.names import lasting_name
from podoba.scale.index import IntoReport, OnShard, index_into, raise_for_failed
from podoba.scale.ray_executor import open_executor


def run_shards(
    sources: Sequence[str],
    into: str,
    model: str | None,
    on: str | None,
    workers: int | None,
    exclude: Sequence[str],
    as_json: bool,
) -> None:
    """`podoba index --into`. Raises `PodobaError` where a shard failed, after the others are done."""
    name = model or DEFAULT_MODEL
    model_file(name)  # a published one is fetched before the work begins, and it is said
    executor = open_executor(on, workers)
    with meter() as show:
        report = index_into(sources, into, lasting_name(name), executor, exclude=exclude, on_progress=_over_shards(show))
    for failed in report.failed:
        say(f"failed: a shard of {failed.source} ({failed.key[:12]}): {failed.reason}")
    if as_json:
        print_json(report.to_json())
    else:
        _print(report)
    raise_for_failed(report)


def _over_shards(show: Meter) -> OnShard:
    """A callback for the meter; the time left is known once all shards are listed."""

    def progress(report: IntoReport) -> None:
        facts = [f"{report.images} images"]
        facts += [
            f"{count} {what}" for count, what in ((report.skipped, "skipped"), (len(report.failed), "shards failed")) if count
        ]
        show("shards", report.done + len(report.failed), report.shards or 0, note=", ".join(facts))

    return progress


def _print(report: IntoReport) -> None:
    print_line(
        f"{report.into}: {report.shards} shards, {report.done - report.was_there} encoded, {report.was_there} there before, "
        f"{len(report.failed)} failed; {report.images} images, {report.skipped} skipped; {report.seconds:.1f} s"
    )
