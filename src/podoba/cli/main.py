"""The program `podoba`: its commands, and how errors reach the person."""

from __future__ import annotations

import os
import sys
import traceback

import click
import typer

from podoba.cli import collections, demo, evaluate, models, train
from podoba.errors import PodobaError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.command()(demo.demo)
app.command()(train.train)
app.command()(evaluate.evaluate)
app.command("index")(collections.index)
app.command("search")(collections.search)
app.command("info")(collections.info)
app.command("check")(collections.check)
app.command("remove")(collections.remove)
app.command("export")(collections.export)
app.add_typer(models.app, name="models")


@app.callback(invoke_without_command=True)
def options(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    """Find look-alike images with neural descriptors, and find out how to train those descriptors well."""
    if debug:
        os.environ["PODOBA_DEBUG"] = "1"
    if version:
        from podoba import __version__

        typer.echo(f"podoba {__version__}")
        raise typer.Exit


def run() -> None:
    """Run the program: exit 0, 1 with one line `error: ...`, 2 on wrong usage, 130 when interrupted."""
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        sys.exit(_fail(error.format_message()))
    except (KeyboardInterrupt, click.Abort):
        print("stopped; what is done is kept, and the same command goes on from there", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except PodobaError as error:
        sys.exit(_fail(str(error)))
    except Exception as error:  # a fault of ours: still one line, and how to get the rest
        sys.exit(_fail(f"{type(error).__name__}: {error}: this is a fault in podoba; --debug shows where, please report it"))


def _fail(message: str) -> int:
    if os.environ.get("PODOBA_DEBUG"):
        traceback.print_exc()
    print("error: " + " ".join(message.split()), file=sys.stderr)
    return 1
