"""Fit the probabilities of a bundled model on photographs of fine and coarse kinds, and write them into its card.

python -m recipes.calibrate photo food101-64-train.parquet grocery-train.parquet grocery-test.parquet tiny-imagenet-val.parquet \\
    --judge flowers-val.parquet --judge cifar10-test.parquet --write

Every second class of the sources is fitted; the others, and the sources to judge, are only judged, each image against all
others of its set: once with its kind among them, and once without it, when nothing that is found is right.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx

from podoba.images.record import ImageRecord
from podoba.images.sources.open import open_source
from podoba.learn.export.model_file import save_model
from podoba.metrics.calibration import (
    CalibrationSettings,
    LabelledSet,
    calibrate,
    expected_calibration_error,
    reliability,
    shown_chances,
)
from podoba.models.calibration import Calibration
from podoba.models.encoder import Encoder
from podoba.models.names import find_model
from podoba.models.pipeline import encode_images
from podoba.ranking.exact import nearest

SHOWN = 10  # hits of a search
MOST = 4000  # images of a source, at equal distances


def main() -> None:
    """Encode, fit, judge, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="name of a bundled model, or an .onnx file")
    parser.add_argument("sources", nargs="+", help="photographs, every second class of which is fitted")
    parser.add_argument("--judge", action="append", default=[], metavar="SOURCE", help="photographs that are only judged")
    parser.add_argument("--write", action="store_true", help="write the calibration into the model's card")
    arguments = parser.parse_args()
    encoder = Encoder(find_model(arguments.model))
    halves = [halved(described(encoder, spec)) for spec in arguments.sources]
    calibrated = calibrate([fitted for fitted, _ in halves])
    if calibrated is None:
        raise SystemExit("too few classes or pairs to fit a probability: name more photographs")
    print(f"{calibrated.calibration}\nexpected calibration error by halves of the fitted classes: {calibrated.error:.3f}\n")
    judged = {f"{Path(spec).stem}, other classes": held for spec, (_, held) in zip(arguments.sources, halves, strict=True)}
    judged |= {Path(spec).stem: described(encoder, spec) for spec in arguments.judge}
    print(summary(calibrated.calibration, judged))
    print(bins(calibrated.calibration, judged))
    if arguments.write:
        metrics = {name: value for name, value in encoder.card.metrics.items() if name != "expected calibration error"}
        facts = {"calibration": calibrated.calibration, "metrics": metrics | {"expected calibration error": calibrated.error}}
        save_model(onnx.load(str(encoder.path)), encoder.card.model_copy(update=facts), encoder.path)


def described(encoder: Encoder, spec: str) -> LabelledSet:
    """The images of a source, or `MOST` of them, with their classes."""
    records = list(open_source(spec).records)
    kept: list[ImageRecord] = []
    parts = []
    for batch, descriptors in encode_images(records[:: -(-len(records) // MOST)], encoder):
        kept.extend(batch)
        parts.append(descriptors)
    return LabelledSet(np.concatenate(parts), [str(record.label) for record in kept])


def halved(every: LabelledSet) -> tuple[LabelledSet, LabelledSet]:
    """Those of every second class, and the others."""
    names = np.array(every.labels)
    first = np.isin(names, np.unique(names)[::2])
    return tuple(LabelledSet(every.descriptors[rows], names[rows].tolist()) for rows in (first, ~first))  # type: ignore[return-value]


def judge(calibration: Calibration, one: LabelledSet, *, missing: bool) -> tuple[np.ndarray, np.ndarray]:
    """Chances of the nearest of every image, and whether each is right; `missing`: none of its kind is among the others."""
    kinds = np.unique(one.labels, return_inverse=True)[1]
    numbers = kinds if missing else np.arange(len(kinds))
    found = nearest(one.descriptors, one.descriptors, SHOWN, images=(numbers, numbers))
    chances = shown_chances(calibration, one.descriptors, one.descriptors, found, (numbers, numbers), CalibrationSettings())
    shown = found.indices >= 0
    return chances[shown], (kinds[found.indices] == kinds[:, None])[shown]


def summary(calibration: Calibration, judged: dict[str, LabelledSet]) -> str:
    """A row a set: what is right, and how many that are above a half are not."""
    lines = [
        "| set | images | right of the 10 nearest | calibration error | above 0.5 | of these right | kind missing: above 0.5 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in judged.items():
        chances, same = judge(calibration, one, missing=False)
        none, _ = judge(calibration, one, missing=True)
        likely = chances > 0.5
        right = f"{same[likely].mean():.0%}" if likely.any() else ""
        error = expected_calibration_error(chances, same)
        lines.append(
            f"| {name} | {len(one.labels)} | {same.mean():.0%} | {error:.3f} | {likely.mean():.1%} | {right} | "
            f"{(none > 0.5).mean():.1%} |"
        )
    return "\n".join([*lines, ""])


def bins(calibration: Calibration, judged: dict[str, LabelledSet]) -> str:
    """A row a bin of probability: the share that is right, and how many, of each set."""
    lines = [f"| probability | {' | '.join(judged)} |", f"|---|{'---|' * len(judged)}"]
    rows = [
        {min(int(10 * mean), 9): (share, count) for mean, share, count in reliability(*judge(calibration, one, missing=False))}
        for one in judged.values()
    ]
    for place in range(10):
        cells = [f"{row[place][0]:.2f} of {row[place][1]}" if place in row else "" for row in rows]
        lines.append(f"| {place / 10:.1f} to {(place + 1) / 10:.1f} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
