"""`podoba info`: what a collection holds."""

from podoba.cli.console import print_facts
from podoba.cli.options import JSON, PLACE


def info(collection: str = PLACE, as_json: bool = JSON) -> None:
    """Show what a collection holds.

    \b
    Examples:
      podoba info photos.podoba
      podoba info photos.podoba --json
    """
    from podoba.scale.open import open_collection

    with open_collection(collection, read_only=True) as opened:
        facts = opened.info()
    print_facts(facts, as_json)
