"""`podoba evaluate`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from podoba.cli.console import print_json, print_line, print_table, say, say_beside, say_skipped
from podoba.cli.options import DEVICE, JSON, MODEL, Device, usage
from podoba.cli.terminal.progress import meter
from podoba.images.record import Skipped

if TYPE_CHECKING:  # it loads what a command imports only when it runs
    from podoba.report.evaluate import ModelEvaluation


def evaluate(
    model: str = MODEL,
    test: str = typer.Argument(..., metavar="TEST", help="Labelled images, or those of a ground truth, as queries."),
    gallery: str | None = typer.Option(
        None, "--gallery", help="Images to search among; without it each test image searches the others."
    ),
    protocol: Literal["labels", "revisited"] = typer.Option(
        "labels",
        "--protocol",
        help="What counts as right: images of one label, or what a ground truth lists, as of Oxford and Paris.",
    ),
    ground_truth: Path | None = typer.Option(
        None,
        "--ground-truth",
        metavar="FILE",
        help="Of --protocol revisited: a .json with easy, hard and junk images, or a folder of *_query.txt files.",
    ),
    zero_shot: bool = typer.Option(
        False, "--zero-shot", help="Ask with the names of the classes as words, which needs a model with a text tower."
    ),
    prompts: list[str] = typer.Option(
        [],
        "--prompt",
        metavar="TEXT",
        help="Of --zero-shot: a sentence around the name, as 'a photo of a {}'; several are averaged.",
    ),
    figures: Path | None = typer.Option(
        None, "--figures", metavar="DIR", help="Draw confusion matrix, result sheet and UMAP map into this folder."
    ),
    queries: str = typer.Option(
        "8", "--queries", help="Queries of the result sheet: a number drawn at random, or ids with commas between."
    ),
    seed: int = typer.Option(0, "--seed", min=0, help="Of the random queries."),
    device: Device | None = DEVICE,
    as_json: bool = JSON,
) -> None:
    """Evaluate a model by what its descriptors retrieve, or by how well it knows the images by name.

    \b
    Examples:
      podoba evaluate runs/first photos/test --gallery photos/train
      podoba evaluate small flowers.parquet --figures figures --queries 12
      podoba evaluate timm/resnet50 photos --json
      podoba evaluate small paris --protocol revisited --ground-truth gnd_rparis6k.json
      podoba evaluate xlmr-clip-b32 photos --zero-shot --prompt "a photo of a {}" --prompt "{} in a picture"
    """
    if (protocol == "revisited") != (ground_truth is not None):
        raise typer.BadParameter("--protocol revisited and --ground-truth FILE go together: give both or neither")
    if ground_truth is not None and figures is not None:
        raise typer.BadParameter("--figures are drawn of labelled images: leave --protocol out")
    if zero_shot and (gallery is not None or ground_truth is not None or figures is not None):
        raise typer.BadParameter("--zero-shot asks with names alone: leave --gallery, --protocol and --figures out")
    if prompts and not zero_shot:
        raise typer.BadParameter("--prompt is of --zero-shot: give both, or leave it out")
    skipped: list[Skipped] = []
    result = None
    try:
        if zero_shot:
            scores = _by_names(model, device, test, prompts, skipped)
        elif ground_truth is None:
            result = _by_labels(model, device, test, gallery, figures, queries, seed, skipped)
            scores = result.to_json()
        else:
            scores = _by_ground_truth(model, device, test, gallery, ground_truth, skipped)
    finally:
        say_skipped(skipped)
    if as_json:
        print_json({"model": model, **scores, "skipped": [{"uri": row.uri, "reason": row.reason} for row in skipped]})
    elif zero_shot:
        _print_names(scores)
    elif ground_truth is None:
        _print_scores(scores)
    else:
        _print_difficulties(scores)
    if result is not None and figures is not None:
        sys.stdout.flush()  # the scores, before figures that take long or cannot be drawn
        _draw(result, queries, seed, figures)


def _by_labels(
    model: str,
    device: str | None,
    test: str,
    gallery: str | None,
    figures: Path | None,
    queries: str,
    seed: int,
    skipped: list[Skipped],
) -> "ModelEvaluation":
    from podoba.cli.encoders import open_encoder
    from podoba.errors import require
    from podoba.images.sources.open import open_part
    from podoba.report.evaluate import choose_queries, evaluate_model

    searching, searched = open_part(test, "test"), None if gallery is None else open_part(gallery, "train")
    if figures is not None:  # what is missing shows before the work, not after it
        require("matplotlib", "train")
        require("umap", "train")
        choose_queries(queries, [record.id for record in searching.records], seed)
    encoder = open_encoder(model, 1, device)
    with meter() as show:
        result = evaluate_model(encoder, searching, searched, skipped=skipped, on_progress=show)
    say_beside([searching, *([] if searched is None else [searched])])
    return result


def _by_names(model: str, device: str | None, test: str, prompts: list[str], skipped: list[Skipped]) -> dict[str, Any]:
    from podoba.cli.encoders import open_encoder
    from podoba.images.sources.open import open_part
    from podoba.report.evaluate_zero_shot import evaluate_zero_shot

    images = open_part(test, "test")
    with meter() as show, usage("--prompt"):
        result = evaluate_zero_shot(open_encoder(model, 1, device), model, images, prompts, skipped=skipped, on_progress=show)
    say_beside([images])
    return result.to_json()


def _draw(result: "ModelEvaluation", queries: str, seed: int, folder: Path) -> None:
    from podoba.report.evaluate import choose_queries
    from podoba.report.figures.evaluation import evaluation_figures

    say(f"drawing figures into {folder}")
    images = result.queries
    chosen = choose_queries(queries, [record.id for record in images.records], seed)
    evaluation_figures(result.scores, images.descriptors, images.records, result.gallery.records, chosen, folder)
    say(f"figures: {folder}")


def _by_ground_truth(
    model: str, device: str | None, test: str, gallery: str | None, ground_truth: Path, skipped: list[Skipped]
) -> dict[str, Any]:
    from podoba.cli.encoders import open_encoder
    from podoba.images.sources.open import open_part
    from podoba.metrics.ground_truth import read_ground_truth
    from podoba.report.evaluate_instances import evaluate_instances

    truth = read_ground_truth(ground_truth)
    searching = open_part(test, "test")
    searched = searching if gallery is None else open_part(gallery, "train")
    encoder = open_encoder(model, 1, device)
    with meter() as show:
        result = evaluate_instances(encoder, searching, searched, truth, skipped=skipped, on_progress=show)
    say_beside([searching, searched])
    return result.to_json()


def _print_scores(scores: Mapping[str, Any]) -> None:
    from podoba.metrics.confusion import in_words

    rows = []
    for name, value in scores.items():
        if isinstance(value, list | dict):
            continue
        ends = scores["intervals"].get(name)
        rows.append((name, _shown(value), f"{ends[0]:.4f} to {ends[1]:.4f}" if ends else ""))
    print_table(("score", "value", "95% interval"), rows)
    _say_own_images(scores, "each is left out of its own ranking")
    if scores["copies"]:
        say(f"note: {scores['copies']} of the images have copies among the others: no image finds its own copies")
    if scores["knn_score"] is None:
        say("note: without labels there are no scores; label images by folders, or by a label column")
    for line in in_words(scores["most_confused"]):
        print_line(line)


def _print_names(scores: Mapping[str, Any]) -> None:
    ends = {name: f"{low:.4f} to {high:.4f}" for name, (low, high) in scores["intervals"].items()}
    told = {
        "top1": "nearest name is right",
        "top5": "right among 5 nearest",
        "precision_at_10": "precision at 10",
        "chance": "by chance",
    }
    rows = [(words, _shown(scores[name]), ends.get(name, "")) for name, words in told.items() if scores[name] is not None]
    print_table(("score", "value", "95% interval"), rows)
    worst = ", ".join(f"{name} {share:.2f}" for name, share in scores["worst"])
    print_line(f"{scores['images']} images of {scores['classes']} classes; known worst: {worst}")


def _say_own_images(scores: Mapping[str, Any], what_of_it: str) -> None:
    shared = scores["queries_in_gallery"]
    if shared is not None and shared["images"]:
        say(
            f"note: {shared['images']} of {scores['queries']} queries are in the gallery too ({shared['by_id']} by their name, "
            f"{shared['by_bytes']} by their content): {what_of_it}"
        )


def _print_difficulties(scores: Mapping[str, Any]) -> None:
    """A row a difficulty from keys such as `map_easy`; the original protocol, with keys such as `map`, has one row."""
    keys = [key.partition("_") for key in scores if key.startswith(("map", "mp@"))]
    names = list(dict.fromkeys(name for name, _, _ in keys))
    rows = [
        (difficulty or "all", *(_shown(scores[f"{name}_{difficulty}" if difficulty else name]) for name in names))
        for difficulty in dict.fromkeys(difficulty for _, _, difficulty in keys)
    ]
    print_table(("images to find", *names), rows)
    print_line(f"{scores['protocol']} protocol, {scores['queries']} queries among {scores['gallery']} images")
    revisited = scores["protocol"] == "revisited"
    _say_own_images(scores, "each is junk in its own ranking" if revisited else "they count as the ground truth lists them")


def _shown(value: object) -> str:
    return "unknown" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
