"""The arguments and options of `podoba search`."""

import typer

QUERIES = typer.Argument(
    ..., metavar="IMAGE|id:ID", help="Pictures, items of the collection by id, descriptors (.npy); a weight as a.jpg@0.5."
)
UNWANTED = typer.Option(
    [], "--not", metavar="IMAGE|id:ID", help="What the results should be unlike; may be repeated; a weight as c.jpg@0.1."
)
BOXES = typer.Option(
    [], "--box", metavar="X,Y,W,H", help="Only this part of the first picture, in its pixels; repeated: of the second ..."
)
COUNT = typer.Option(10, "-k", min=1, help="Number of results.")
MIN_PROBABILITY = typer.Option(
    None, "--min-probability", min=0, max=1, help="Only results at least this likely to be of the query's kind."
)
DIVERSITY = typer.Option(
    0.0, "--diversity", min=0, max=1, help="How much a result loses by being like the ones before it, such as 0.5."
)
RERANK = typer.Option(
    None,
    "--rerank",
    metavar="NAME",
    help="Another order: exemplar, k-reciprocal, query-expansion, whitening, database-augmentation (see docs/how-to/search.md).",
)
FEEDBACK = typer.Option(
    None,
    "--feedback",
    metavar="[NAME]",
    help="Use what was marked of these pictures (`podoba mark`): linear-probe, which is usual, or rocchio.",
)
PICTURES = typer.Option(
    None,
    "--pictures/--no-pictures",
    help="Draw the results in the terminal; by itself it does so where the terminal has a protocol for pictures.",
)
SHEET = typer.Option(None, "--sheet", help="Draw query and results into this PNG.")
PAGE = typer.Option(None, "--html", help="Write the results with their pictures as one HTML file.")
