"""`podoba models import`."""

from pathlib import Path

import typer

from podoba.cli.console import print_outcome
from podoba.cli.options import JSON


def import_model(
    published: Path = typer.Argument(..., metavar="FOLDER|FILE", help="Folder of a published model, or one of its .onnx files."),
    out: Path = typer.Argument(..., metavar="OUT.onnx", help="Where to."),
    output: str | None = typer.Option(None, "--output", metavar="TENSOR", help="Tensor of the graph that holds the descriptors."),
    as_json: bool = JSON,
) -> None:
    """Make a model of a published ONNX encoder.

    FOLDER is one as on the Hugging Face hub: graph, config.json and preprocessor_config.json. Needs neither torch nor a network.

    \b
    Examples:
      podoba models import dinov2-small dinov2.onnx
      podoba models import clip/onnx/vision_model_quantized.onnx clip.onnx
      podoba models import resnet-50 resnet.onnx --output logits
    """
    from podoba.models.foreign.importing import import_file, import_folder

    card = (import_folder if published.is_dir() else import_file)(published, out, output=output)
    facts = {"model": str(published), "out": str(out), "dim": card.dim, "input_size": card.input_size}
    alone = "; computes one picture at a time" if card.one_at_a_time else ""
    print_outcome(
        as_json, facts, f"written: {out}: {card.dim} numbers of {card.input_size} x {card.input_size} pixels; {card.notes}{alone}"
    )
