"""`podoba cache`: what is cached, and making room."""

import typer

from podoba.cli.console import print_json, print_line, print_table
from podoba.cli.options import JSON

FREE = typer.Option(None, "--free", metavar="KIND", help="Remove entries: pixels, features, downloads, sets, models, or made.")


def cache(
    free: list[str] = FREE,
    unused: float = typer.Option(0.0, "--unused", min=0, metavar="DAYS", help="With --free: only what was unused that long."),
    as_json: bool = JSON,
) -> None:
    """Show what is kept in the cache, and make room there.

    All of it can be computed or fetched again; `made` stands for pixels, features and downloads. Sets and models
    that were put there by hand, where no network is, are better left.

    \b
    Examples:
      podoba cache
      podoba cache --free made --unused 30
    """
    from podoba.cache.entries import KINDS, MADE, cache_entries, forget_entries
    from podoba.cache.location import cache_dir

    wrong = [kind for kind in free or [] if kind not in (*KINDS, "made")]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r}: one of {', '.join(KINDS)}, or made")
    if unused and not free:
        raise typer.BadParameter("--unused says what to remove: name a kind with --free")
    kinds = {part for kind in free or [] for part in (MADE if kind == "made" else (kind,))}
    removed = forget_entries(kinds, unused) if kinds else []
    left = cache_entries()
    sizes_of = {kind: [entry.size for entry in left if entry.kind == kind] for kind in KINDS}
    if as_json:
        summary = {kind: {"entries": len(sizes), "bytes": sum(sizes)} for kind, sizes in sizes_of.items()}
        counts = {"entries": len(removed), "bytes": sum(entry.size for entry in removed)}
        print_json({"cache": str(cache_dir()), "kinds": summary, "removed": counts})
        return
    print_line(str(cache_dir()))
    rows = [(kind, f"{len(sizes)}", f"{sum(sizes) / 1e6:.1f}", KINDS[kind]) for kind, sizes in sizes_of.items()]
    print_table(("kind", "entries", "MB", ""), rows)
    if kinds:
        print_line(f"removed: {len(removed)} entries, {sum(entry.size for entry in removed) / 1e6:.1f} MB")
