"""A model evaluated by the names of classes as queries: what its text tower knows of labelled images."""

from collections.abc import Sequence

import numpy as np

from podoba.arrays import Floats
from podoba.errors import ModelError, SourceError
from podoba.images.record import Skipped
from podoba.images.sources.base import ImageSource
from podoba.metrics.zero_shot import ZeroShot, words_of_label, zero_shot
from podoba.models.encoder import Encoder
from podoba.models.hub.text_tower import open_text_tower
from podoba.models.text import TextEncoder
from podoba.progress import OnProgress, silent
from podoba.report.evaluate import encode_source

PLACE = "{}"  # of the name in a prompt


def evaluate_zero_shot(
    encoder: Encoder,
    name: str,
    images: ImageSource,
    prompts: Sequence[str] = (),
    *,
    skipped: list[Skipped] | None = None,
    on_progress: OnProgress = silent,
) -> ZeroShot:
    """Score labelled images by the names of their classes, in words (`words_of_label`); labels of the same words are one class.

    Args:
        name: of the model, for what is said of it.
        prompts: sentences with `{}` for the name, whose descriptors are averaged; none: the name alone.
        skipped: images that cannot be read are added to it.

    Raises:
        ModelError: no text tower, or it gives no descriptor.
        MissingExtra: `tokenizers` is not installed.
        DownloadError: the text tower cannot be fetched.
        SourceError: less than two classes.
        ValueError: a prompt without `{}`.
    """
    if wrong := [prompt for prompt in prompts if PLACE not in prompt]:
        raise ValueError(f"{wrong[0]!r}: a prompt has {PLACE} where the name of the class stands, such as 'a photo of a {PLACE}'")
    text = open_text_tower(encoder.path, name, encoder.fingerprint)
    encoded = encode_source(encoder, images, skipped=skipped, on_progress=on_progress)
    labelled = [(row, words_of_label(label)) for row, label in enumerate(encoded.labels) if label is not None]
    labels = [label for _, label in labelled]
    classes = sorted(set(labels))
    if len(classes) < 2:
        raise SourceError(
            f"{images.root}: {len(classes)} classes of images that can be read, and two are needed: name more images"
        )
    return zero_shot(encoded.descriptors[[row for row, _ in labelled]], labels, classes, _describe(text, classes, prompts))


def _describe(text: TextEncoder, classes: Sequence[str], prompts: Sequence[str]) -> Floats:
    """Descriptors (c, dim), unit length, of the names of classes."""
    mean = np.mean([text.encode([prompt.replace(PLACE, name) for name in classes]) for prompt in prompts or [PLACE]], axis=0)
    lengths = np.linalg.norm(mean, axis=1, keepdims=True)
    if not (lengths > 1e-6).all():
        raise ModelError(f"{text.path}: what the prompts say of a class cancels out: leave some of them out")
    descriptors: Floats = (mean / lengths).astype(np.float32)
    return descriptors
