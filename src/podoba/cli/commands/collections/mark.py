"""`podoba mark`."""

from collections.abc import Sequence

import typer

from podoba.cli.console import print_json, say
from podoba.cli.options import DEVICE, JSON, MOVED_MODEL, PLACE, Device, usage


def mark(
    collection: str = PLACE,
    query: str | None = typer.Argument(None, metavar="[IMAGE|id:ID]", help="What was searched for, as in `podoba search`."),
    right: list[str] = typer.Option([], "--right", metavar="ID", help="A result that is right; several as ID,ID or repeated."),
    wrong: list[str] = typer.Option([], "--wrong", metavar="ID", help="A result that is wrong; likewise."),
    box: str | None = typer.Option(None, "--box", metavar="X,Y,W,H", help="The part of the picture that was searched for."),
    list_: bool = typer.Option(False, "--list", help="Show the marks, all or those of the query."),
    forget: bool = typer.Option(False, "--forget", help="Remove the marks of the query, or those of --right and --wrong alone."),
    everything: bool = typer.Option(False, "--all", help="With --forget: the marks of all queries."),
    model: str | None = MOVED_MODEL,
    device: Device | None = DEVICE,
    as_json: bool = JSON,
) -> None:
    """Mark results of a search as right or wrong; they are kept in the collection.

    `podoba search --feedback` then searches with them, and `podoba train --from-feedback` learns from them.

    \b
    Examples:
      podoba mark photos.podoba holiday.jpg --right 0123456789abcdef --wrong 89abcdef01234567,76543210fedcba98
      podoba mark photos.podoba --list
      podoba mark photos.podoba holiday.jpg --forget
    """
    from podoba.cli.encoders import open_encoder
    from podoba.cli.terminal.collections import print_marks
    from podoba.collection.search.query import Part
    from podoba.collection.search.written import parse_box
    from podoba.scale.open import open_collection

    good, bad = _ids(right), _ids(wrong)
    _check(query, [*good, *bad], list_, forget, everything)
    with usage("--box"):
        part = None if query is None else Part(query, None, None if box is None else parse_box(box))
    with open_collection(collection, read_only=list_, device=device) as opened:
        if list_:
            print_marks(opened.marks(), None if part is None else opened.key_of(part), as_json)
            return
        if forget:
            count = opened.forget(part, [*good, *bad])
            if as_json:
                print_json({"collection": str(collection), "forgotten": count})
            say(f"{count} marks removed")
            return
        assert part is not None
        opened.mark(part, right=good, wrong=bad, encoder=None if model is None else open_encoder(model, device=device))
        total = len(opened.marks())
    if as_json:
        print_json({"collection": str(collection), "query": str(part), "right": good, "wrong": bad, "marks": total})
    say(f"{len(good)} marked right, {len(bad)} wrong; {total} marks in all: `podoba search ... --feedback` searches with them")


def _check(query: str | None, ids: Sequence[str], list_: bool, forget: bool, everything: bool) -> None:
    if list_ and (forget or ids):
        raise typer.BadParameter("--list shows marks and does nothing else")
    if everything and (not forget or query is not None):
        raise typer.BadParameter("--all goes with --forget, without a query")
    if query is None and not list_ and not everything:
        raise typer.BadParameter("name the query: a picture, or id:ID" + (", or --all" if forget else ""))
    if not ids and not list_ and not forget:
        raise typer.BadParameter("name results: --right ID, --wrong ID")


def _ids(texts: Sequence[str]) -> list[str]:
    return [id_.strip().removeprefix("id:") for text in texts for id_ in text.split(",") if id_.strip()]
