"""The commands of the program `podoba`."""

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from podoba.cli.commands import cache, mcp, serve, vectors
from podoba.cli.commands.collections import check, copy, duplicates, export, import_, index, info, map, mark, remove, search
from podoba.cli.commands.learning import demo, evaluate, models, report, study, train
from podoba.cli.interrupts import passed_on


class Program(TyperGroup):
    """All commands; `--debug` is understood wherever it stands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Move `--debug` to the front, where it is an option of the program."""
        end = args.index("--") if "--" in args else len(args)
        if "--debug" in args[:end]:
            args = ["--debug", *(word for word in args[:end] if word != "--debug"), *args[end:]]
        return super().parse_args(ctx, args)

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Parse the options of the program."""
        with passed_on():
            return super().make_context(*args, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with passed_on():
            value = super().invoke(ctx)
            sys.stdout.flush()  # a closed pipe shows here, where it still has a quiet end
            return value


app = typer.Typer(
    cls=Program,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    pretty_exceptions_enable=False,
)
app.command()(demo.demo)
app.command()(train.train)
app.command()(evaluate.evaluate)
app.command()(study.study)
app.command()(report.report)
app.command("index")(index.index)
app.command("search", cls=search.SearchCommand)(search.search)
app.command("serve")(serve.serve)
app.command("mcp")(mcp.mcp)
app.command("mark")(mark.mark)
app.command("duplicates")(duplicates.duplicates)
app.command("map")(map.map_)
app.command("info")(info.info)
app.command("check")(check.check)
app.command("remove")(remove.remove)
app.command("export")(export.export)
app.command("import")(import_.import_)
app.command("copy")(copy.copy)
app.command("cache")(cache.cache)
app.add_typer(models.app, name="models")
app.add_typer(vectors.app, name="vectors")


def _print_version(wanted: bool) -> None:
    if wanted:
        from podoba import __version__

        typer.echo(f"podoba {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
    version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True, callback=_print_version),
) -> None:
    """Find look-alike images with neural descriptors, and find out how to train those descriptors well.

    \b
    First steps:
      podoba demo
      podoba index photos.podoba ~/Pictures
      podoba search photos.podoba holiday.jpg
    """
    if debug:
        os.environ["PODOBA_DEBUG"] = "1"
