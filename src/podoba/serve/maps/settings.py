"""The numbers of the maps that are served."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MapViewSettings:
    """What is kept, and how values become colours.

    Attributes:
        colourings: of one collection that are kept, 2 bytes an item each.
        values: different values of a text that are told apart; those that are rarer share a code.
        bins: ranges of about equally many items, into which numbers are divided.
    """

    colourings: int = 8
    values: int = 500
    bins: int = 8


SETTINGS = MapViewSettings()
