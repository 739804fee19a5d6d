"""The numbers by which a map is made."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MapSettings:
    """How a map is made. The defaults were chosen by `benchmarks/map.py` (docs/explanation/benchmarks.md).

    Attributes:
        seed: of everything that is drawn: equal descriptors and seeds give equal maps.
        components_from: items at equal distances from which the principal components are taken.
        block: descriptors read at a time.
        neighbours: of an item, by which UMAP knows what lies near what.
        exact_to: items up to which neighbours are found exactly; more by an inverted file.
        probes: lists of the inverted file that are searched for an item.
        fitted: items to which UMAP is fitted; the others of a larger collection are placed by their neighbours among these.
        placed_by: neighbours by which an item is placed.
        since: new items that are placed on a kept map; with more of them it should be made again, and says that they are missing.
        clusters: the most there are.
        per_cluster: items for each cluster, where there are so many: sqrt(n / per_cluster) clusters.
        rounds: of k-means.
        representatives: items of a cluster that are nearest to its centre, by which it is shown.
        landmarks_from: items of the shuffled order from which landmarks are taken.
        landmark_levels: grids of 2, 4, 8 ... cells a side whose most typical items are landmarks.
    """

    seed: int = 0
    components_from: int = 20_000
    block: int = 16_384
    neighbours: int = 15
    exact_to: int = 20_000
    probes: int = 24
    fitted: int = 60_000
    placed_by: int = 9
    since: int = 2000
    clusters: int = 60
    per_cluster: int = 8
    rounds: int = 20
    representatives: int = 6
    landmarks_from: int = 100_000
    landmark_levels: int = 6
