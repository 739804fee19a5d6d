"""`podoba info`: what a collection holds."""

from podoba.cli.console import print_json, print_line
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
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        if isinstance(value, dict):
            print_line(f"{key}: {', '.join(f'{name} {fact}' for name, fact in value.items() if fact is not None)}")
        elif isinstance(value, list):
            print_line(f"{key}: {', '.join(map(str, value)) or 'none'}")
        elif value is not None:
            print_line(f"{key}: {value}")
