"""Which items of a map are shown as pictures: the most typical of each part, few from afar and more the nearer one looks."""

import numpy as np

from podoba.arrays import Indices
from podoba.collection.map.points import MapPoints
from podoba.collection.map.settings import MapSettings


def find_landmarks(points: MapPoints, settings: MapSettings) -> Indices:
    """Positions on the map, int64, of landmarks, the most important first.

    Grids of 2, 4, 8 ... cells a side are laid over the map; of each cell the item that lies nearest to the middle of the cell's
    items is a landmark. Those of coarse grids come first, within a grid those of full cells.
    """
    places = points.places[: settings.landmarks_from].astype(np.float64)
    found: list[Indices] = []
    for level in range(1, settings.landmark_levels + 1):
        cells = (points.places[: len(places)] >> (16 - level)).astype(np.int64) @ np.array([1, 1 << level])
        counts = np.bincount(cells, minlength=1 << 2 * level)
        sums = np.stack([np.bincount(cells, places[:, axis], len(counts)) for axis in (0, 1)], axis=1)
        middles = sums / np.maximum(counts, 1)[:, None]
        distances = ((places - middles[cells]) ** 2).sum(axis=1)
        order = np.lexsort((distances, cells))
        filled, firsts = np.unique(cells[order], return_index=True)
        found.append(order[firsts][np.argsort(-counts[filled], kind="stable")])
    together = np.concatenate([*found, np.empty(0, dtype=np.int64)])
    return together[np.sort(np.unique(together, return_index=True)[1])]
