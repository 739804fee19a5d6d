"""Arguments and options that several commands share."""

from __future__ import annotations

import typer

COLLECTION = typer.Argument(..., metavar="COLLECTION", help="The collection's file, such as photos.podoba.")
MODEL = typer.Argument(..., metavar="MODEL", help="starter, a run folder, an .onnx file, timm/<name>, hf:<owner>/<repo>.")
JSON = typer.Option(False, "--json", help="Print as JSON.")
WHERE = typer.Option(
    None, "--where", metavar="EXPR", help="Only items of this filter, such as \"label == 'cat' and width > 1000\"."
)
