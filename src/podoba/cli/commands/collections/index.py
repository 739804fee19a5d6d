"""`podoba index`: bring a collection up to date, with another model too, and keep following what changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from podoba.cli.commands.learning.models import open_encoder
from podoba.cli.console import Meter, meter, print_json, print_line, say, say_skipped
from podoba.cli.options import COLLECTION, JSON
from podoba.progress import OnProgress

if TYPE_CHECKING:
    from podoba.collection.collection import Collection
    from podoba.collection.update.index import IndexReport
    from podoba.images.record import Skipped
    from podoba.images.sources.base import ImageSource
    from podoba.models.encoder import Encoder


def index(
    collection: Path = COLLECTION,
    sources: list[str] = typer.Argument(..., metavar="SOURCE", help="Folder, CSV, Parquet, archive, named set or pattern."),
    model: str | None = typer.Option(
        None,
        "--model",
        help="Descriptor model of a new collection, which remembers it. Another one for an old collection encodes all of it "
        "anew, while the old one answers.  [default: starter]",
    ),
    watch: bool = typer.Option(False, "--watch", help="Then keep following the sources until stopped (needs podoba[watch])."),
    recall: float = typer.Option(
        0.99, "--recall", min=0.5, max=1, help="recall@10 that the index of a large collection must have."
    ),
    as_json: bool = JSON,
) -> None:
    """Add images to a collection, or bring it up to date.

    Only what is new or changed is encoded; moved and vanished images are noticed; a bad one is named and skipped. Stopped at any
    moment, the same command goes on.

    \b
    Examples:
      podoba index photos.podoba ~/Pictures
      podoba index shop.podoba catalogue.csv more-images.zip --model runs/shop
      podoba index photos.podoba ~/Pictures --watch
    """
    if watch and as_json:
        raise typer.BadParameter("one of --watch and --json, not both")
    from podoba.collection.collection import Collection
    from podoba.collection.update.watch import watched_places
    from podoba.images.sources.open import open_source

    places = watched_places(sources) if watch else []
    encoder, remembered = _model_for(collection, model)
    listed = [open_source(source) for source in sources]  # before the collection is opened: a wrong name leaves no empty one
    with Collection.open(collection, create=True) as target:
        update = _updater(target, encoder, remembered, recall, named=model is not None)
        report, why_exact = update(listed)
        if as_json:
            print_json(report.to_json() | {"why_exact": why_exact})
            return
        _tell(collection, report, why_exact)
        if watch:
            del listed
            _follow(collection, places, lambda: update([open_source(source) for source in sources]))


def _updater(
    target: Collection, encoder: Encoder, model: str, recall: float, *, named: bool
) -> Callable[[Sequence[ImageSource]], tuple[IndexReport, str | None]]:
    """What is done each time with the sources as they are now: index them, refresh the neighbour index.

    A change to another model that was begun is given up only where the present one is `named`.
    """

    def update(sources: Sequence[ImageSource]) -> tuple[IndexReport, str | None]:
        known = target.store.models.fingerprint
        other = len(target) > 0 and known != encoder.fingerprint
        with meter() as show, target.writing():
            if other:
                say(f"encoding {len(target)} images anew with {model}; {target.store.models.name} answers until that is done")
            begun = target.store.models.next_name is not None
            index_all = target.change_model if other or (begun and named) else target.index_sources
            skipped: list[Skipped] = []
            report = index_all(sources, encoder, model=model, on_progress=_counted(show, skipped), skipped=skipped)
            return report, target.refresh_index(target=recall, on_progress=show)

    return update


def _counted(show: Meter, skipped: Sequence[Skipped]) -> OnProgress:
    def progress(stage: str, done: int, total: int) -> None:
        show(stage, done, total, unit="images", note=f"{len(skipped)} skipped" if skipped else "")

    return progress


def _follow(collection: Path, places: list[Path], update: Callable[[], tuple[IndexReport, str | None]]) -> None:
    """Update after each change; what cannot be done now is told, and tried again after the next one."""
    from podoba.collection.update.watch import changes_in
    from podoba.errors import PodobaError

    say(f"following {', '.join(map(str, places))}; Ctrl-C ends it")
    behind = False
    for _ in changes_in(places):
        try:
            report, why_exact = update()
        except PodobaError as error:
            say(f"not updated: {error}")
            behind = True
            continue
        if behind or report.added or report.changed or report.moved or report.vanished:
            _tell(collection, report, why_exact)
        behind = False


def _tell(collection: Path, report: IndexReport, why_exact: str | None) -> None:
    say_skipped(report.skipped)
    print_line(
        f"{collection}: {report.seen} images seen, {report.added} added, {report.changed} changed, {report.moved} moved, "
        f"{report.vanished} vanished, {report.unchanged} unchanged, {len(report.skipped)} skipped, {report.seconds:.1f} s"
    )
    if why_exact is not None:
        say(f"searching stays exact: {why_exact}")


def _model_for(path: Path, name: str | None) -> tuple[Encoder, str]:
    """The encoder to index with, and the name under which it is remembered: the given one, or the collection's, or `starter`.

    It is opened as `encode_rows` uses it, on one thread, so that a large model is in memory once.
    """
    from podoba.collection.collection import Collection

    if name is None and path.expanduser().exists():
        with Collection.open(path, read_only=True) as before:
            known = before.store.models.name
            if known is not None:
                return before.store.models.open_encoder(1), known
    name = name or "starter"
    place = Path(name).expanduser()
    # A path is remembered in full, so that a search finds the model from any folder.
    return open_encoder(name, 1), str(place.absolute()) if place.exists() else name
