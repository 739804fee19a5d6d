"""Teach a model words: a small text tower is fitted to the names of classes and the descriptors of their pictures.

python -m recipes.words.teach small --train cifar10-train.parquet flowers-train.parquet --test cifar10-test.parquet \
    flowers-val.parquet --out words

writes a copy of the model and its tower, `words/small.onnx` and `words/small.text.onnx`, and prints what the names of the test
images' classes find, in English and, where `names.yaml` has them, in Ukrainian.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
import yaml

from podoba.images.sources.open import open_source
from podoba.images.split import balanced_subset
from podoba.metrics.zero_shot import words_of_label, zero_shot
from podoba.models.encoder import Encoder
from podoba.models.names import copy_model, open_model
from podoba.models.text import TextEncoder, text_path
from podoba.report.evaluate import encode_source
from recipes.words.tower import Floats, TowerSettings, learn_tower, write_tower

NAMES = Path(__file__).parent / "names.yaml"


def main() -> None:
    """Encode, learn, write, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a model's name; its copy is written beside the tower")
    parser.add_argument("--train", nargs="+", required=True, metavar="SOURCE", help="labelled images")
    parser.add_argument("--test", nargs="*", default=[], metavar="SOURCE", help="labelled images that the tower is judged on")
    parser.add_argument("--names", type=Path, default=NAMES, help="YAML: further names of classes by their labels as words")
    parser.add_argument("--limit", type=int, default=10_000, help="images of a source, balanced by class")
    parser.add_argument("--steps", type=int, default=TowerSettings.steps, help="of the optimiser")
    parser.add_argument("--vocabulary", type=int, default=TowerSettings.vocabulary, help="tokens at most")
    parser.add_argument("--out", type=Path, default=Path("words"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # the network is so small that more would wait for each other
    further = yaml.safe_load(arguments.names.read_text(encoding="utf-8"))
    encoder = open_model(arguments.model, 1)
    known = [described(encoder, spec, arguments.limit) for spec in arguments.train]
    labels = [label for _, some in known for label in some]
    settings = TowerSettings(steps=arguments.steps, vocabulary=arguments.vocabulary)
    names = {label: [label, *further.get(label, [])] for label in set(labels)}
    tower, tokenizer = learn_tower(np.concatenate([images for images, _ in known]), labels, names, settings)
    name = encoder.card.name
    model = arguments.out / f"{name}.onnx"
    copy_model(encoder.path, model)
    path = text_path(model)
    write_tower(tower, tokenizer, name, encoder.fingerprint, path, settings)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB; search with it: podoba search COLLECTION text:WORDS --model {model}")
    judge(encoder, TextEncoder(path), arguments.test, further, arguments.limit)


def described(encoder: Encoder, spec: str, limit: int) -> tuple[Floats, list[str]]:
    """Descriptors (n, dim) of the labelled images of a source, at most `limit`, and their labels as words."""
    source = open_source(spec)
    if len(source) > limit:
        source = source.subset(balanced_subset(source.labels, limit, 0).tolist())
    images = encode_source(encoder, source)
    labelled = [row for row, label in enumerate(images.labels) if label is not None]
    return images.descriptors[labelled], [words_of_label(str(images.labels[row])) for row in labelled]


def judge(encoder: Encoder, words: TextEncoder, specs: Sequence[str], further: Mapping[str, Sequence[str]], limit: int) -> None:
    """Print a table of what the names find among test images."""
    print("| images | names | precision at 10 | nearest name is right | by chance |\n|---|---|---|---|---|")
    for spec in specs:
        images, labels = described(encoder, spec, limit)
        classes = sorted(set(labels))
        languages = {"English": classes}
        if all(label in further for label in classes):
            languages["Ukrainian"] = [further[label][0] for label in classes]
        for language, names in languages.items():
            scores = zero_shot(images, labels, classes, words.encode(names))
            low, high = scores.intervals["top1"]
            print(
                f"| {Path(spec).stem}, {scores.images} of {scores.classes} | {language} | {scores.precision_at_10:.3f} | "
                f"{scores.top1:.3f} ({low:.3f} to {high:.3f}) | {scores.chance:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
