"""`podoba models ...`."""

from pathlib import Path

import typer

from podoba.cli.commands.learning.import_model import import_model
from podoba.cli.console import print_json, print_line, print_outcome, print_table, say
from podoba.cli.options import JSON, MODEL

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Descriptor models: what is here, what they are, how to get more."
)

app.command("import")(import_model)


@app.command("list")
def list_(as_json: bool = JSON) -> None:
    """List the models that are here: bundled, fetched or exported.

    \b
    Examples:
      podoba models list
      podoba models list --json
    """
    from podoba.errors import ModelError
    from podoba.models.encoder import Encoder
    from podoba.models.names import list_models

    cards = {}
    for name, path in list_models().items():
        try:
            cards[name] = Encoder(path, 1, device="cpu").card
        except ModelError as error:
            say(f"left out: {error}")
    if as_json:
        rows = [{"name": n, "dim": c.dim, "input_size": c.input_size, "backbone": c.backbone} for n, c in cards.items()]
        print_json({"models": rows})
        return
    if not cards:
        say("no models here: train one with `podoba train`, or fetch one with `podoba models pull`")
        return
    print_table(
        ("name", "numbers", "pixels", "backbone"),
        [(name, str(card.dim), str(card.input_size), card.backbone) for name, card in cards.items()],
    )


@app.command()
def show(model: str = MODEL, as_json: bool = JSON) -> None:
    """Show the card of a model: data, licence, scores.

    With --json the settings it was trained with, too.

    \b
    Examples:
      podoba models show small
      podoba models show runs/first --json
    """
    from podoba.cli.encoders import open_encoder

    card = open_encoder(model, device="cpu").card.model_dump(mode="json")
    if as_json:
        print_json(card)
        return
    ends = {name: f" ({low:.4f} to {high:.4f})" for name, (low, high) in card.pop("intervals").items()}
    card["metrics"] = {name: f"{value:.4f}{ends.get(name, '')}" for name, value in card["metrics"].items()}
    for key, value in card.items():
        if value not in (None, "", [], {}) and key != "settings":
            print_line(f"{key.replace('_', ' ')}: {_in_words(value)}")


@app.command()
def pull(model: str = MODEL, as_json: bool = JSON) -> None:
    """Fetch a published model into the cache.

    A timm model needs podoba[train].

    \b
    Examples:
      podoba models pull timm/resnet50
      podoba models pull hf:some-owner/some-model
    """
    from podoba.cli.encoders import model_file

    path = model_file(model)
    print_outcome(as_json, {"model": model, "path": str(path)}, f"{model} is here: {path}")


@app.command()
def export(
    model: str = MODEL, out: Path = typer.Argument(..., metavar="OUT.onnx", help="Where to."), as_json: bool = JSON
) -> None:
    """Copy a model's one file, with its card inside.

    \b
    Examples:
      podoba models export small small.onnx
      podoba models export runs/first flowers.onnx
    """
    from podoba.cli.encoders import open_encoder
    from podoba.models.names import copy_model

    copy_model(open_encoder(model, device="cpu").path, out)
    print_outcome(as_json, {"model": model, "out": str(out)}, f"written: {out}")


@app.command()
def quantize(
    model: str = MODEL,
    out: Path = typer.Argument(..., metavar="OUT.onnx", help="Where to."),
    images: str = typer.Option(..., "--images", metavar="SOURCE", help="Images of the kind it will see; 512 of them are used."),
    as_json: bool = JSON,
) -> None:
    """Write a copy of a model that computes in 8 bits: faster and smaller, nearly the same descriptors.

    A collection is of one model or of its copy: their descriptors are not mixed. What it loses on your images `podoba evaluate`
    says. Needs podoba[train].

    \b
    Examples:
      podoba models quantize runs/first small.onnx --images photos
      podoba models quantize timm/resnet50 small.onnx --images photos.parquet
    """
    from podoba.errors import require

    require("onnx", "train")
    from podoba.cli.encoders import open_encoder
    from podoba.images.sources.open import open_source
    from podoba.learn.export.quantize import quantize_and_compare

    scores = quantize_and_compare(open_encoder(model, device="cpu"), open_source(images), out)
    if as_json:
        print_json({"model": model, "out": str(out), **scores})
        return
    megabytes = f"{scores['bytes'] / 1e6:.1f} MB instead of {scores['bytes_before'] / 1e6:.1f}"
    nearness = f"descriptors agree with those of {model} to a cosine of {scores['cosine']:.4f} ({scores['images']} images)"
    say(f"written: {out}: {megabytes}, {scores['speedup']:.1f} times as fast here; {nearness}")


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_in_words(inner)}" for key, inner in value.items() if inner is not None)
    if isinstance(value, list):
        shown = [_in_words(inner) for inner in value[:12]]
        return "; ".join(shown) + (f"; and {len(value) - 12} more" if len(value) > 12 else "")
    return f"{value:.4f}" if isinstance(value, float) else str(value)
