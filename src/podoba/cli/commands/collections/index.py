"""`podoba index`: bring a collection up to date, with another model too, and keep following what changes."""

import typer

from podoba.cli import console
from podoba.cli.console import print_json, say
from podoba.cli.options import DEVICE, JSON, ON, Device, collection_file
from podoba.cli.terminal.progress import images_of, meter
from podoba.models.bundled import DEFAULT_MODEL

_OF_A_COLLECTION = {"vanished", "verify", "watch", "recall", "device"}  # options that mean nothing with --into


def _refuse(given: set[str], why: str) -> None:
    """Raises `BadParameter` for the first of these options."""
    for name in sorted(given):
        raise typer.BadParameter(why, param_hint=f"--{name}")


def index(
    context: typer.Context,
    target: str = typer.Argument(..., metavar="COLLECTION", help="The collection's file; a SOURCE too where --into is given."),
    sources: list[str] = typer.Argument(
        [], metavar="SOURCE", help="Folder, CSV, Parquet, archive, named set, pattern or address."
    ),
    model: str | None = typer.Option(
        None,
        "--model",
        help="Descriptor model of a new collection, which remembers it. Another one for an old collection encodes all of "
        "it again, while the old one answers.  "
        f"[default: {DEFAULT_MODEL}]",
    ),
    exclude: list[str] = typer.Option(
        [],
        "--exclude",
        metavar="GLOB",
        help="Leave out what this pattern names, as in .gitignore: '*.thumb.jpg', 'drafts/' (repeatable). The collection "
        "remembers it, in the place of what it remembered; '' forgets. A file .podobaignore in a folder holds patterns too.",
    ),
    vanished: bool = typer.Option(
        False, "--vanished", help="Forget also images that are away with their folder, and any number that vanished."
    ),
    verify: bool = typer.Option(
        False, "--verify", help="Read every image again, also where its file has the size and time it had."
    ),
    watch: bool = typer.Option(False, "--watch", help="Then keep following the sources until stopped (needs podoba[watch])."),
    recall: float = typer.Option(
        0.99, "--recall", min=0.5, max=1, help="recall@10 that the index of a large collection must have."
    ),
    into: str | None = typer.Option(
        None,
        "--into",
        metavar="OUT",
        help="Instead of into a collection, encode into files of a folder or an address such as s3://bucket/descriptors, a shard "
        "of the images each, which `podoba import` takes.",
    ),
    on: str | None = ON,
    workers: int | None = typer.Option(
        None, "--workers", min=1, metavar="N", help="With --into: shards at a time.  [default: one a core]"
    ),
    device: Device | None = DEVICE,
    as_json: bool = JSON,
) -> None:
    """Add images to a collection, or bring it up to date.

    Only what is new or changed is encoded; moved and vanished images are recognised; one that cannot be read is named and
    skipped. Images of a folder with no picture left in it, as of a disk that is not mounted, are kept, and so is more than a
    tenth that would vanish at once: --vanished forgets them. Stopped at any time, the same command goes on.

    \b
    Examples:
      podoba index photos.podoba ~/Pictures
      podoba index shop.podoba catalogue.csv more-images.zip --model runs/shop
      podoba index photos.podoba ~/Pictures --exclude drafts/ --exclude '*.thumb.jpg'
      podoba index photos.podoba ~/Pictures --watch
      podoba index s3://bucket/photos --into s3://bucket/descriptors --on ray
    """
    given = {name for name in context.params if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"}
    patterns = [pattern for pattern in exclude if pattern] if exclude else None
    if into is not None:
        _refuse(given & _OF_A_COLLECTION, "is of a collection, and --into makes none")
        from podoba.cli.shard_run import run_shards

        run_shards([target, *sources], into, model, on, workers, patterns or (), as_json)
        return
    _refuse(given & {"on", "workers"}, "needs --into: a collection is written by one process")
    if not sources:
        raise typer.BadParameter("name what is to be indexed", param_hint="SOURCE")
    if watch and as_json:
        raise typer.BadParameter("one of --watch and --json, not both")
    collection = collection_file(target)
    from podoba.cli.encoders import open_encoder
    from podoba.cli.terminal.collections import print_update
    from podoba.collection.collection import Collection
    from podoba.collection.update.bring_up_to_date import UpdateReport, choose_model, follow
    from podoba.collection.update.vanishing import DEFAULT, UpdateSettings
    from podoba.collection.update.watch import watched_places
    from podoba.errors import CollectionError
    from podoba.images.record import Skipped
    from podoba.images.sources.open import open_source

    places = watched_places(sources) if watch else []
    choice = choose_model(collection, model, open_encoder, device=device)
    # Before a collection is made: a wrong name leaves no empty one. One that is there remembers what is left out.
    is_new = not collection.expanduser().exists()
    opened = [open_source(source, exclude=patterns or ()) for source in sources] if is_new else []
    with Collection.open(collection, create=True) as opened_collection:

        def update(settings: UpdateSettings = DEFAULT) -> UpdateReport:
            skipped: list[Skipped] = []
            with meter() as show:
                return opened_collection.update(
                    opened or sources,
                    choice,
                    exclude=patterns,
                    target=recall,
                    on_progress=images_of(show, skipped),
                    skipped=skipped,
                    settings=settings,
                )

        report = update(UpdateSettings(verify=verify, remove_vanished=vanished))
        if as_json:
            print_json(report.to_json())
        else:
            print_update(collection, report)
        opened.clear()  # they are opened again for each update, and their lists of images take memory
        if report.index.held_back and not watch:
            if as_json or not console.confirmed(f"forget {report.index.held_back} pictures that are no longer there?"):
                raise CollectionError(
                    f"{collection}: {report.index.held_back} pictures are no longer there and were kept, since so many at once "
                    "may be a disk that is not mounted: add --vanished to forget them"
                )
            print_update(collection, update(UpdateSettings(remove_vanished=True)))
        if watch:
            say(f"following {', '.join(map(str, places))}; Ctrl-C ends it")
            for report in follow(places, update):
                print_update(collection, report)
