"""`podoba models ...`."""

from __future__ import annotations

import shutil
from pathlib import Path

import typer

from podoba.cli.console import print_json, results, say

app = typer.Typer(no_args_is_help=True, help="Descriptor models: what is here, what they are, how to get more.")


@app.command("list")
def list_(as_json: bool = typer.Option(False, "--json", help="Print as JSON.")) -> None:
    """Models that are here: bundled, fetched or exported.

    Example:

      podoba models list
    """
    from rich.table import Table

    from podoba.models.encoder import Encoder
    from podoba.models.names import list_models

    cards = {name: Encoder(path, 1).card for name, path in list_models().items()}
    if as_json:
        print_json(
            {"models": [{"name": n, "dim": c.dim, "input_size": c.input_size, "backbone": c.backbone} for n, c in cards.items()]}
        )
        return
    table = Table("name", "numbers", "pixels", "backbone")
    for name, card in cards.items():
        table.add_row(name, str(card.dim), str(card.input_size), card.backbone)
    results().print(table)


@app.command()
def show(
    model: str = typer.Argument(..., metavar="MODEL"),
    as_json: bool = typer.Option(False, "--json", help="Print as JSON."),
) -> None:
    """The card of a model: data, licence, metrics, settings.

    Example:

      podoba models show starter
    """
    from podoba.models.names import open_model

    card = open_model(model).card.model_dump()
    if as_json:
        print_json(card)
        return
    for key, value in card.items():
        if value not in (None, "", [], {}) and key != "settings":
            results().print(f"[bold]{key.replace('_', ' ')}[/bold]: ", end="")
            results().print(str(value), markup=False)


@app.command()
def pull(model: str = typer.Argument(..., metavar="MODEL", help="timm/<name> or hf:<owner>/<repo>.")) -> None:
    """Fetch a published model into the cache (timm ones need podoba\\[train]).

    Example:

      podoba models pull timm/resnet50
    """
    from podoba.errors import require
    from podoba.models.names import find_model, timm_path

    if model.startswith("timm/"):
        require("torch", "train")
        from podoba.learn.export import export_timm

        path = timm_path(model)
        if not path.exists():
            export_timm(model, path)
    else:
        path = find_model(model)
    say(f"ready: {path}")


@app.command()
def export(model: str = typer.Argument(..., metavar="MODEL"), out: Path = typer.Argument(..., metavar="OUT.onnx")) -> None:
    """Copy a model's one file, card inside, to a place of its own.

    Example:

      podoba models export starter starter.onnx
    """
    from podoba.errors import ModelError
    from podoba.models.names import find_model

    try:
        shutil.copyfile(find_model(model), out)
    except OSError as error:
        raise ModelError(f"{out}: cannot be written ({error.strerror}): choose another place") from error
    say(f"written: {out}")
