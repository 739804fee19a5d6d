"""What a demo made, for a person."""

import shlex
from pathlib import Path

from podoba.cli.console import print_line, print_table
from podoba.demo import Demo
from podoba.runs.run_folder import RunFolder


def print_demo(demo: Demo, data: str | None = None) -> None:
    """Both trainings side by side, what is hardest, where everything is, and what to do next.

    Args:
        data: the person's own images that it was run on; None: the digits.
    """
    runs = list(demo.runs.values())
    print_table(
        ("", *demo.runs),
        [
            ("KNN score", *("unknown" if run.knn_score is None else f"{run.knn_score:.4f}" for run in runs)),
            ("min validation loss", *(_at(run.min_validation_loss, run.min_validation_epoch) for run in runs)),
            ("min training loss", *(_at(run.min_training_loss, run.min_training_epoch) for run in runs)),
            ("seconds per epoch", *(f"{run.seconds_per_epoch:.2f}" for run in runs)),
        ],
    )
    print_line("")
    for pair in RunFolder(Path(demo.best.run)).read_evaluation().get("most_confused", [])[:1]:
        print_line(
            f"hardest: with {demo.best.loss}, a query of {pair['query']} retrieves {pair['retrieved']} "
            f"in {pair['share']:.1%} of the cases"
        )
    print_line(f"learning curves: {', '.join(str(RunFolder(Path(run.run)).learning_curves) for run in runs)}")
    print_line(f"collection: {demo.collection} (training images, described by {demo.best.run})")
    labels = ", ".join(hit.label or "?" for hit in demo.result.hits)
    print_line(f"search: {demo.query}, a test image of class {demo.query_label}, finds classes {labels}")
    print_line(f"picture of the search: {demo.sheet}")
    if data is None:
        print_line("next, with a folder of your own, one sub-folder a class: podoba demo --data FOLDER --out demo-mine")
        print_line("or search your photographs: podoba index photos.podoba FOLDER && podoba search photos.podoba PICTURE")
    else:
        print_line(f"next, search for another picture: podoba search {shlex.quote(str(demo.collection))} PICTURE")
        print_line(f"or learn longer, from all of your images: podoba train {shlex.quote(data)} --set epochs=30 --out runs/mine")


def _at(value: float | None, epoch: int | None) -> str:
    return "unknown" if value is None else f"{value:.4f} at epoch {epoch}"
