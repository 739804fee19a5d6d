"""`podoba demo`: the whole loop on images that need no download."""

import sys
from pathlib import Path

import typer

from podoba.cli.console import print_json, say, say_skipped
from podoba.cli.options import JSON
from podoba.cli.terminal.progress import meter, over_epochs
from podoba.progress import OnProgress

DIGITS = "digits"


def demo(
    data: str = typer.Option(DIGITS, "--data", metavar="SOURCE", help="Other labelled images to run it on."),
    out: Path = typer.Option(Path("demo"), "--out", help="Folder for all that it writes."),
    epochs: int = typer.Option(12, "--epochs", min=1, help="Epochs of each training."),
    as_json: bool = JSON,
) -> None:
    """Run the whole loop in a minute: train, evaluate, index, search.

    Both losses of the paper are trained and compared, then the better descriptors are used.

    Without --data the images are scikit-learn's digits, learned from nothing; no download is needed. Of images of your own
    it takes 4000 at most, where they are, and learns a head on the bundled model: a first look, not the best that can be reached.

    \b
    Examples:
      podoba demo
      podoba demo --data photos --out demo-photos
    """
    from podoba.cli.terminal.loading import load_torch
    from podoba.images.sources.open import open_source

    load_torch()
    from podoba.cli.terminal.demo_summary import print_demo
    from podoba.cli.terminal.training import to_the_end
    from podoba.demo import draw_demo, prepare_images, run_demo

    with meter() as show:
        images = prepare_images(open_source(data), out, on_progress=show)
        say_skipped(images.skipped)
        say(f"images: {out / 'images'}")

        def progress(stage: str) -> OnProgress:
            say("indexing the training images" if stage == "indexing" else f"training with {stage}")
            return to_the_end(over_epochs(show, stage))

        made = run_demo(images, out, epochs=epochs, on_progress=progress)
    if as_json:
        print_json(made.to_json())
    else:
        print_demo(made, None if data == DIGITS else data)
    sys.stdout.flush()  # before figures that perhaps cannot be drawn
    say("drawing the learning curves and the search")
    draw_demo(made)
