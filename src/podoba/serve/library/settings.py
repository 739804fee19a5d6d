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
    """

    quiet: float = 120.0
    studies_kept: int = 16
    curve_points: int = 121
    speed_seconds: float = 1.0
    speed_batch: int = 8


DEFAULT = LibrarySettings()
