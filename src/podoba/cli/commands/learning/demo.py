"""`podoba demo`: the whole loop on images that need no download."""

from pathlib import Path

import typer

from podoba.cli.console import print_json, say, say_skipped
from podoba.cli.options import JSON
from podoba.cli.terminal.progress import meter, over_epochs


def demo(
    data: str = typer.Option("digits", "--data", metavar="SOURCE", help="Other labelled images to run it on."),
    out: Path = typer.Option(Path("demo"), "--out", help="Folder for all that it writes."),
    epochs: int = typer.Option(12, "--epochs", min=1, help="Epochs of each training."),
    as_json: bool = JSON,
) -> None:
    """Run the whole loop in a minute: train, evaluate, index, search.

    Both losses of the paper are trained and compared, then the better descriptors are used.

    Without --data the images are scikit-learn's digits, learned from nothing; no download is needed. Of images of your own
    it takes 4000 at most and learns a head on the bundled model: a first look, not the best that can be reached.

    \b
    Examples:
      podoba demo
      podoba demo --data photos --out demo-photos
    """
    from podoba.errors import require
    from podoba.images.sources.open import open_source

    require("torch", "train")
    from podoba.cli.terminal.demo_summary import print_demo
    from podoba.demo import run_demo, write_images

    with meter() as show:
        images = write_images(open_source(data), out, on_progress=show)
        say_skipped(images.skipped)
        say(f"images: {out / 'images'}")
        made = run_demo(images, out, epochs=epochs, on_progress=lambda stage: over_epochs(show, stage))
    if as_json:
        print_json(made.to_json())
    else:
        print_demo(made)
