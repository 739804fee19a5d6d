"""How words and a picture are best joined to one query: `python benchmarks/words.py SOURCE... --model MODEL`.

The model has a text tower, such as recipes/words makes.

Each query is a picture (an item, leave-one-out) beside the name of a class. Same: that of the picture's own class;
how many of the ten nearest are of it. Other: that of another class, drawn at random, "like this, but a truck"; how many
are of the picture's class, how many of the name's, and the lesser of the two, which is what one asks for who gives both. With
`--gap` the descriptors of words are set apart from those of pictures as far as those of CLIP are (Liang et al., 2022), which no
way of joining may suffer from.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from labelled import Labelled, arguments, collections, print_rows
from podoba.arrays import Floats
from podoba.metrics.zero_shot import words_of_label

Values = NDArray[np.float64]
Join = Callable[[Values, Values], Values]
"""From the similarities of all items to a picture and to words, (n,) both, to what they are ordered by."""
FIRST = 10  # hits that are looked at
APART = 3.0  # length of what is added to the descriptors of words: their similarities to pictures vary a third as much
RANKS = 60  # of reciprocal rank fusion (Cormack, Clarke, Buettcher, 2009)


def z(values: Values) -> Values:
    """By how many standard deviations values lie above their mean."""
    scores: Values = (values - values.mean()) / values.std()
    return scores


def by_rank(values: Values) -> Values:
    """Of each item the share that reciprocal rank fusion adds for it."""
    scores: Values = 1 / (RANKS + np.argsort(np.argsort(-values)))
    return scores


WAYS: dict[str, Join] = {
    "picture alone": lambda picture, words: picture,
    "words alone": lambda picture, words: words,
    "sum of similarities": lambda picture, words: picture + words,
    "sum of z-scores": lambda picture, words: z(picture) + z(words),
    "sum of z-scores, words twice": lambda picture, words: z(picture) + 2 * z(words),
    "lesser z-score": lambda picture, words: np.minimum(z(picture), z(words)),
    "reciprocal ranks": lambda picture, words: by_rank(picture) + by_rank(words),
}


def main() -> None:
    """Print a table for each source."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--gap", action="store_true", help="set words apart from pictures")
    options = parser.parse_args()
    for data in collections(options):
        print(f"\n{data.name}: {sum(data.counts.values())} images of {len(data.counts)} classes, {len(data.queries)} queries\n")
        print_rows(
            ["joined by", "same: right", "other: of the picture's class", "of the name's", "lesser"],
            [[name, *(f"{share:.3f}" for share in judged)] for name, judged in compared(data, gap=options.gap).items()],
        )


def compared(data: Labelled, *, gap: bool) -> dict[str, Values]:
    """For each way the means over the queries: right of the same, of the picture's, of the name's, the lesser of these."""
    vectors, items = data.collection.vectors(), data.collection.items()
    labels = np.array([item.label or "" for item in items])
    rows = {item.id: row for row, item in enumerate(items)}
    classes = sorted(set(labels))
    names = described(data, classes, vectors.matrix, gap=gap)
    rng = np.random.default_rng(0)
    found: dict[str, list[list[float]]] = {name: [] for name in WAYS}
    for item in data.queries:
        own = rows[item.id]
        other = str(rng.choice([name for name in classes if name != item.label]))
        picture, same, unlike = (
            vectors.matrix.astype(np.float64) @ row for row in (vectors.matrix[own], names[str(item.label)], names[other])
        )
        for name, join in WAYS.items():
            nearest = [_nearest(join(picture, words), own, labels) for words in (same, unlike)]
            shares = [float((nearest[1] == wanted).mean()) for wanted in (item.label, other)]
            found[name].append([float((nearest[0] == item.label).mean()), *shares, min(shares)])
    return {name: np.mean(rows_of, axis=0) for name, rows_of in found.items()}


def described(data: Labelled, classes: list[str], images: Floats, *, gap: bool) -> dict[str, Floats]:
    """Descriptors (dim,) of the names of classes."""
    names = data.collection.store.models.open_text().encode([words_of_label(name) for name in classes])
    if gap:
        _, _, directions = np.linalg.svd(images - images.mean(axis=0), full_matrices=False)
        names = names + APART * directions[-1]  # in which pictures differ least
        names /= np.linalg.norm(names, axis=1, keepdims=True)
    return dict(zip(classes, names.astype(np.float32), strict=True))


def _nearest(values: Values, own: int, labels: NDArray[np.str_]) -> NDArray[np.str_]:
    """Labels of the items of the largest values, without the query itself."""
    order = np.argsort(-values, kind="stable")
    nearest: NDArray[np.str_] = labels[order[order != own][:FIRST]]
    return nearest


if __name__ == "__main__":
    main()
