"""Settings of models, their comparison and studies."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LibrarySettings:
    """Numbers that are tuned.

    Attributes:
        quiet: seconds without a change after which a study that is not finished counts as left unfinished.
        studies_kept: studies that are kept in memory as they were read last.
        curve_points: of the curve from similarity to probability.
        speed_seconds: how long the speed of a model is measured, after it was opened.
        speed_batch: pictures that are described at once while it is measured.
        depth: results of each model that are looked through for where the other's pictures stand.
        sample: queries by which the confusion of two models is computed.
        classes: of the matrices; of more, those that are confused most are shown.
        entries: of the matrices that are named, since the models differ most on them.
        entry_queries, entry_items: queries that are listed of an entry, and what was found for each.
        confusions_kept: of pairs of collections.
    """

    quiet: float = 120.0
    studies_kept: int = 16
    curve_points: int = 121
    speed_seconds: float = 1.0
    speed_batch: int = 8
    depth: int = 200
    sample: int = 1000
    classes: int = 40
    entries: int = 8
    entry_queries: int = 8
    entry_items: int = 6
    confusions_kept: int = 4


DEFAULT = LibrarySettings()
