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
from podoba.learn.data.pretrained import pretrained_descriptors
from podoba.learn.networks.backbones import has_weights
from podoba.learn.networks.network import DescriptorNetwork, describe
from podoba.metrics.evaluation import Evaluation, evaluate
from podoba.runs.retrieval_results import RetrievalResults
from podoba.runs.settings import Settings

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


@dataclass(frozen=True)
class RetrievalTask:
    """Queries, and the splits they are searched for among.

    Attributes:
        judged_on: what the queries are, `test` or `validation`.
    """

    judged_on: str
    queries: Split
    gallery: list[Split]

    @property
    def gallery_names(self) -> list[str]:
        """The class of each image of the gallery."""
        return [name for split in self.gallery for name in split.names]


def evaluate_network(network: DescriptorNetwork, data: Data, device: torch.device) -> NetworkEvaluation:
    """Scores on the test images with all training images as gallery; without test images on the held-out ones.

    No query finds itself or a copy of itself.

    Raises:
        TrainingError: the network gives descriptors that are no numbers.
    """
    task = retrieval_task(data)
    if task is None:
        return NetworkEvaluation(None, {}, None)
    queries = describe_split(network, task.queries, device)
    gallery = np.concatenate([describe_split(network, split, device) for split in task.gallery])
    evaluation = _evaluate(task, queries, gallery)
    tested, names = task.queries, task.gallery_names
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
        gallery_rows=np.concatenate([split.store.source_rows[split.rows] for split in task.gallery]),
    )
    return NetworkEvaluation(task.judged_on, evaluation.to_json(), results)


def untrained_knn_score(settings: Settings, data: Data, device: torch.device) -> float | None:
    """The KNN score, by `evaluate_network`, of the pretrained network as it is: the bundled model, or a backbone's features.

    Args:
        settings: resolved.

    Returns:
        None where nothing is pretrained, or nothing is judged.
    """
    task = retrieval_task(data)
    if task is None or not has_weights(settings.backbone):
        return None
    describe_pretrained = pretrained_descriptors(settings, device)
    gallery = np.concatenate([describe_pretrained(split) for split in task.gallery])
    return _evaluate(task, describe_pretrained(task.queries), gallery).knn_score


def retrieval_task(data: Data) -> RetrievalTask | None:
    """What is searched for, and among what; None where no image is left for it, or all are copies of one."""
    gallery = [data.train]
    if data.test is not None:
        held_out = data.validation
        if held_out is not None and held_out.store.key == data.train.store.key:
            gallery.append(held_out)
        task = RetrievalTask("test", data.test, gallery)
    elif data.validation is not None:
        task = RetrievalTask("validation", data.validation, gallery)
    else:
        return None
    copies = {*task.queries.known.contents, *(content for split in gallery for content in split.known.contents)}
    return task if len(copies) > 1 else None


def _evaluate(task: RetrievalTask, queries: Floats, gallery: Floats) -> Evaluation:
    contents = [content for split in task.gallery for content in split.known.contents]
    numbers, gallery_numbers = image_numbers(task.queries.known.contents, contents)
    try:
        return evaluate(queries, task.queries.names, gallery, task.gallery_names, images=(numbers, gallery_numbers))
    except ValueError as error:
        raise TrainingError(f"the network cannot be judged on the {task.judged_on} images: {error}") from error


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
