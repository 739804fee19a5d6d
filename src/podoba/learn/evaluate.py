"""A trained network evaluated: descriptors of its images, scores, and what each query retrieved."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from podoba.arrays import Floats
from podoba.errors import TrainingError
from podoba.images.contents import image_numbers
from podoba.learn.data.features import backbone_fingerprint, cached_features, pool_rows
from podoba.learn.data.load import Data, Split
from podoba.learn.networks.network import DescriptorNetwork, describe
from podoba.metrics.evaluation import evaluate
from podoba.runs.retrieval_results import RetrievalResults

BATCH = 256  # images at a time


@dataclass(frozen=True)
class NetworkEvaluation:
    """How good a network is.

    Attributes:
        judged_on: `test`, or `validation` where there are no test images; None where nothing was held out either.
        scores: as `podoba evaluate --json` gives them; empty where nothing was judged.
        results: what the scores were computed from.
    """

    judged_on: str | None
    scores: dict[str, Any]
    results: RetrievalResults | None


def evaluate_network(network: DescriptorNetwork, data: Data, device: torch.device) -> NetworkEvaluation:
    """Scores on the test images with all training images as gallery; without test images on the held-out ones.

    No query finds itself or a copy of itself.

    Raises:
        TrainingError: the network gives descriptors that are no numbers.
    """
    gallery, names, splits = describe_split(network, data.train, device), list(data.train.names), [data.train]
    held_out = describe_split(network, data.validation, device) if data.validation is not None else None
    if data.test is not None:
        if held_out is not None and data.validation is not None and data.validation.store.key == data.train.store.key:
            gallery, names = np.concatenate([gallery, held_out]), names + data.validation.names
            splits.append(data.validation)
        tested, queries, judged_on = data.test, describe_split(network, data.test, device), "test"
    elif held_out is not None and data.validation is not None:
        tested, queries, judged_on = data.validation, held_out, "validation"
    else:
        return NetworkEvaluation(None, {}, None)
    searched = [content for split in splits for content in split.known.contents]
    if len({*tested.known.contents, *searched}) == 1:  # copies of one image: there is nothing to find
        return NetworkEvaluation(None, {}, None)
    numbers, gallery_numbers = image_numbers(tested.known.contents, searched)
    try:
        evaluation = evaluate(queries, tested.names, gallery, names, images=(numbers, gallery_numbers))
    except ValueError as error:
        raise TrainingError(f"the network cannot be judged on the {judged_on} images: {error}") from error
    found = evaluation.neighbours.indices >= 0
    finding = found[:, 0]
    depth = int(found[finding].sum(axis=1).min())  # that all of these have
    classes = sorted({*tested.names, *names})
    results = RetrievalResults(
        queries=queries[finding].astype(np.float16),
        query_labels=np.searchsorted(classes, tested.names)[finding],
        gallery_labels=np.searchsorted(classes, names),
        classes=np.array(classes),
        indices=evaluation.neighbours.indices[finding, :depth],
        similarities=evaluation.neighbours.similarities[finding, :depth],
        query_rows=tested.store.source_rows[tested.rows][finding],
        gallery_rows=np.concatenate([split.store.source_rows[split.rows] for split in splits]),
    )
    return NetworkEvaluation(judged_on, evaluation.to_json(), results)


def describe_split(network: DescriptorNetwork, split: Split, device: torch.device) -> Floats:
    """Descriptors (n, dim), float32, of the images of a split; from cached features where the backbone is frozen."""
    network.eval()
    if network.frozen:
        fingerprint = backbone_fingerprint(network.backbone)
        features = cached_features(network.backbone, split, fingerprint=fingerprint, device=device)
        with torch.inference_mode():
            return network.head(features[pool_rows(split)].to(device)).cpu().numpy()  # type: ignore[no-any-return]
    batches = (split.store.images[split.rows[start : start + BATCH]] for start in range(0, len(split), BATCH))
    return np.concatenate([describe(network, torch.from_numpy(pixels).to(device)).cpu().numpy() for pixels in batches])
