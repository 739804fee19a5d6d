"""`podoba models ...`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from podoba.cli.commands.learning.import_model import import_model
from podoba.cli.console import print_json, print_line, print_outcome, print_table, say
from podoba.cli.options import JSON, MODEL

if TYPE_CHECKING:  # it loads what a command imports only when it runs
    from podoba.models.card import Card

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Descriptor models: what is here, what they are, how to get more."
)


WIDEST = 50  # characters of a cell of the list

SIZE = typer.Option(None, "--size", min=8, max=1024, help="Pixels, of a network of timm: timm/NAME@PIXELS names the same.")


class ExportKind(StrEnum):
    """As what a model is written."""

    file = "file"
    onnx = "onnx"
    hub = "hub"


@app.command("list")
def list_(as_json: bool = JSON) -> None:
    """List the models that are here, and published ones that have a short name.

    \b
    Examples:
      podoba models list
      podoba models list --json
    """
    from podoba.errors import ModelError
    from podoba.models.bundled import BUNDLED
    from podoba.models.card_file import read_card
    from podoba.models.names import list_models
    from podoba.models.published.catalogue import catalogue
    from podoba.models.text import text_path

    rows: list[dict[str, Any]] = []
    for name, path in list_models().items():
        try:
            card = read_card(path)
        except ModelError as error:
            say(f"left out: {error}")
            continue
        entry = catalogue().get(name)
        words = text_path(path).is_file() or (entry is not None and entry.text is not None)
        rows.append(
            {
                "name": name, "state": "bundled" if name in BUNDLED else "here", "dim": card.dim, "input_size": card.input_size,
                "backbone": card.backbone, "megabytes": round(path.stat().st_size / 1e6, 1), "licence": _licence(card),
                "words": (entry.languages if entry is not None else "yes") if words else None,
            }
        )  # fmt: skip
    here = {row["name"] for row in rows}
    rows += [
        {
            "name": name, "state": "to pull", "dim": entry.dim, "megabytes": entry.megabytes, "licence": entry.licence,
            "words": entry.languages, "good_for": entry.good_for,
        }
        for name, entry in catalogue().items() if name not in here
    ]  # fmt: skip
    if as_json:
        print_json({"models": rows})
        return
    columns = {"name": "name", "state": "", "dim": "numbers", "megabytes": "MB", "words": "words", "licence": "licence"}
    print_table(list(columns.values()), [[_cell(row[key]) for key in columns] for row in rows])
    if any(row["state"] == "to pull" for row in rows):
        say("to pull: by `podoba models pull NAME`, or when it is first named; any other of the hub is hf:<owner>/<repo>")


@app.command()
def show(model: str = MODEL, as_json: bool = JSON) -> None:
    """Show the card of a model: data, source, licence, scores.

    With --json the settings it was trained with, too. Nothing is fetched.

    \b
    Examples:
      podoba models show small
      podoba models show siglip2-base
      podoba models show runs/first --json
    """
    from podoba.models.card_file import read_card
    from podoba.models.hub.pull import find_pulled
    from podoba.models.names import find_model
    from podoba.models.published.catalogue import catalogue

    entry = catalogue().get(model)
    if entry is not None and find_pulled(entry.address) is None:
        card = {"name": model, "state": "to pull"} | entry.model_dump(mode="json")
    else:
        card = read_card(find_model(model, fetch=False)).model_dump(mode="json")
    if as_json:
        print_json(card)
        return
    ends = {name: f" ({low:.4f} to {high:.4f})" for name, (low, high) in card.pop("intervals", {}).items()}
    card["metrics"] = {name: f"{value:.4f}{ends.get(name, '')}" for name, value in card.get("metrics", {}).items()}
    for key, value in card.items():
        if value not in (None, "", [], {}) and key != "settings":
            print_line(f"{key.replace('_', ' ')}: {_in_words(value)}")


@app.command()
def pull(
    model: str = MODEL,
    accept_licence: bool = typer.Option(
        False,
        "--accept-licence",
        help="I have read the licence of the weights and accept it.",
    ),
    again: bool = typer.Option(False, "--again", help="Fetch what the branch stands for now."),
    size: int | None = SIZE,
    text: bool = typer.Option(False, "--text", help="Fetch its text tower now, not when words are first searched for."),
    as_json: bool = JSON,
) -> None:
    """Fetch a published model into the cache, and say its licence.

    Files come from the hub of Hugging Face, all of one commit, each checked; HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE are
    respected. A timm model needs podoba[train].

    \b
    Examples:
      podoba models pull dinov2-small
      podoba models pull mobileclip-s0 --accept-licence
      podoba models pull xlmr-clip-b32 --text
      podoba models pull hf:some-owner/some-model
      podoba models pull hf:some-owner/some-model@v1.0:onnx/model_quantized.onnx
      podoba models pull timm/resnet50
      podoba models pull timm/resnet50 --size 176
    """
    from podoba.cli.encoders import model_file, text_file

    model = _at(model, size)
    path = model_file(model, accept=accept_licence, again=again)
    tower = text_file(model, path) if text else None
    outcome = {"model": model, "path": str(path)} | ({"text": str(tower)} if tower else {})
    print_outcome(as_json, outcome, f"{model} is here: {path}{f', and {tower.name}' if tower else ''}")


app.command("import")(import_model)


@app.command()
def export(
    model: str = MODEL,
    out: Path = typer.Argument(..., metavar="OUT", help="Where to: a file, or with --as hub a folder that is not there yet."),
    kind: ExportKind = typer.Option(
        ExportKind.file, "--as", help="file: podoba's own. onnx: takes floats, for other programs. hub: a folder to be published."
    ),
    size: int | None = SIZE,
    as_json: bool = JSON,
) -> None:
    """Copy a model's one file, with its card inside, or write it as other programs take it.

    A folder made with --as hub has the model for podoba and for transformers.js, fastembed and ONNX Runtime, their settings, and
    a page with licence and scores: look at README.md, then `hf upload OWNER/NAME FOLDER`.

    \b
    Examples:
      podoba models export small small.onnx
      podoba models export runs/first flowers.onnx
      podoba models export runs/first flowers-float.onnx --as onnx
      podoba models export runs/first flowers-model --as hub
      podoba models export timm/resnet50 resnet50.onnx --size 176
    """
    from podoba.cli.encoders import open_encoder

    encoder = open_encoder(_at(model, size), device="cpu")
    if kind is ExportKind.file:
        from podoba.models.names import copy_model

        copy_model(encoder.path, out)
    elif kind is ExportKind.onnx:
        from podoba.models.export.float_graph import write_float_graph

        write_float_graph(encoder.path, encoder.card, out)
    else:
        from podoba.models.export.hub_folder import write_hub_folder

        write_hub_folder(encoder, out)
        if encoder.card.licence is None:
            say(f"its card names no licence: name it in {out / 'README.md'} before it is shared")
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


def _licence(card: "Card") -> str | None:
    return card.licence or next((data.licence for data in card.training_data if data.licence), None)


def _cell(value: object) -> str:
    text = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def _at(model: str, size: int | None) -> str:
    """The name of a model at a size."""
    from podoba.errors import SettingsError

    if size is None:
        return model
    if not model.startswith("timm/") or "@" in model:
        raise SettingsError(f"{model}: --size is for networks of timm, such as timm/resnet50: leave it out")
    return f"{model}@{size}"


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_in_words(inner)}" for key, inner in value.items() if inner is not None)
    if isinstance(value, list):
        shown = [_in_words(inner) for inner in value[:12]]
        return "; ".join(shown) + (f"; and {len(value) - 12} more" if len(value) > 12 else "")
    return f"{value:.4f}" if isinstance(value, float) else str(value)
