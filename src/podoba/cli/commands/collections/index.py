"""`podoba index`: bring a collection up to date, with another model too, and keep following what changes."""

from pathlib import Path

import typer

from podoba.cli.console import print_json, say
from podoba.cli.options import COLLECTION, JSON
from podoba.cli.terminal.progress import images_of, meter


def index(
    collection: Path = COLLECTION,
    sources: list[str] = typer.Argument(..., metavar="SOURCE", help="Folder, CSV, Parquet, archive, named set or pattern."),
    model: str | None = typer.Option(
        None,
        "--model",
        help="Descriptor model of a new collection, which remembers it. Another one for an old collection encodes all of "
        "it again, while the old one answers.  [default: starter]",
    ),
    watch: bool = typer.Option(False, "--watch", help="Then keep following the sources until stopped (needs podoba[watch])."),
    recall: float = typer.Option(
        0.99, "--recall", min=0.5, max=1, help="recall@10 that the index of a large collection must have."
    ),
    as_json: bool = JSON,
) -> None:
    """Add images to a collection, or bring it up to date.

    Only what is new or changed is encoded; moved and vanished images are recognised; one that cannot be read is named and
    skipped. Stopped at any time, the same command goes on.

    \b
    Examples:
      podoba index photos.podoba ~/Pictures
      podoba index shop.podoba catalogue.csv more-images.zip --model runs/shop
      podoba index photos.podoba ~/Pictures --watch
    """
    if watch and as_json:
        raise typer.BadParameter("one of --watch and --json, not both")
    from podoba.cli.encoders import open_encoder
    from podoba.cli.terminal.collections import print_update
    from podoba.collection.collection import Collection
    from podoba.collection.update.bring_up_to_date import UpdateReport, choose_model, follow
    from podoba.collection.update.watch import watched_places
    from podoba.images.record import Skipped
    from podoba.images.sources.open import open_source

    places = watched_places(sources) if watch else []
    choice = choose_model(collection, model, open_encoder)
    opened = [open_source(source) for source in sources]  # before the collection is: a wrong name leaves no empty one
    with Collection.open(collection, create=True) as target:

        def update() -> UpdateReport:
            skipped: list[Skipped] = []
            with meter() as show:
                progress = images_of(show, skipped)
                return target.update(opened or sources, choice, target=recall, on_progress=progress, skipped=skipped)

        report = update()
        if as_json:
            print_json(report.to_json())
            return
        print_update(collection, report)
        if watch:
            opened.clear()  # they are opened again for each update, and their lists of images take memory
            say(f"following {', '.join(map(str, places))}; Ctrl-C ends it")
            for report in follow(places, update):
                print_update(collection, report)
