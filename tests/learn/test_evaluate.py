from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from podoba.errors import TrainingError
from podoba.images.resize import PixelRule
from podoba.learn.data.load import Data, load_data
from podoba.learn.evaluate import describe_split, evaluate_network
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.networks.network import DescriptorNetwork, describe
from podoba.learn.setup import build_network
from podoba.metrics.evaluation import evaluate
from podoba.runs.settings import Settings

CPU = torch.device("cpu")
Make = Callable[..., Settings]


def made(settings: Settings) -> tuple[DescriptorNetwork, Data]:
    torch.manual_seed(0)
    return build_network(settings, build_backbone(settings.backbone, 16), 3), load_data(settings, PixelRule(16))


@pytest.fixture
def tests(tmp_path: Path) -> str:
    """Test images: three of a class that is learned, two of one that is not."""
    for name, count in (("blue", 3), ("yellow", 2)):
        (tmp_path / "tests" / name).mkdir(parents=True)
        for i in range(count):
            Image.new("RGB", (16, 16), (40 * i, 9, 200)).save(tmp_path / "tests" / name / f"{i}.png")
    return str(tmp_path / "tests")


@pytest.mark.parametrize("transfer", ["frozen", "finetune"])
def test_descriptors_of_a_split_are_the_networks(small: Make, transfer: str) -> None:
    network, data = made(small(backbone={"name": "small-digits", "pretrained": False, "transfer": transfer}))
    descriptors = describe_split(network, data.train, CPU)
    expected = describe(network, torch.from_numpy(data.train.store.images[data.train.rows]))
    np.testing.assert_allclose(descriptors, expected.numpy(), atol=1e-6)
    assert descriptors.shape == (48, 8)


def test_test_images_are_searched_among_all_training_images(small: Make, tests: str) -> None:
    network, data = made(small(test=tests))
    assert data.test is not None
    assert data.validation is not None
    evaluation = evaluate_network(network, data, CPU)
    results = evaluation.results
    assert evaluation.judged_on == "test"
    assert results is not None
    assert sorted(results.gallery_rows.tolist()) == list(range(60))
    assert results.classes.tolist() == ["blue", "green", "red", "yellow"]
    assert [results.classes[label] for label in results.query_labels] == ["blue"] * 3 + ["yellow"] * 2
    assert results.queries.dtype == np.float16
    gallery = np.concatenate([describe_split(network, split, CPU) for split in (data.train, data.validation)])
    names = data.train.names + data.validation.names
    expected = evaluate(describe_split(network, data.test, CPU), data.test.names, gallery, names)
    assert evaluation.scores == expected.to_json()
    np.testing.assert_array_equal(results.indices, expected.neighbours.indices)


def test_without_test_images_the_held_out_ones_are_judged(small: Make) -> None:
    network, data = made(small())
    evaluation = evaluate_network(network, data, CPU)
    assert evaluation.judged_on == "validation"
    assert evaluation.results is not None
    assert data.validation is not None
    np.testing.assert_array_equal(evaluation.results.query_rows, data.validation.rows)
    np.testing.assert_array_equal(evaluation.results.gallery_rows, data.train.rows)


def test_without_either_nothing_is(small: Make) -> None:
    evaluation = evaluate_network(*made(small(validation=0.0)), CPU)
    assert (evaluation.judged_on, evaluation.scores, evaluation.results) == (None, {}, None)


def test_a_test_image_does_not_find_its_copy_among_the_training_images(small: Make, coloured: Path) -> None:
    network, data = made(small(test=str(coloured)))
    assert data.test is not None
    evaluation = evaluate_network(network, data, CPU)
    results = evaluation.results
    assert results is not None
    assert not (results.gallery_rows[results.indices] == results.query_rows[:, None]).any()
    everything = describe_split(network, data.test, CPU)
    alone = evaluate(everything, data.test.names)
    assert evaluation.scores["knn_score"] == pytest.approx(alone.knn_score)
    assert evaluation.scores["recall@1"] == pytest.approx(alone.metrics["recall@1"])


def test_copies_of_one_image_are_not_judged(small: Make, coloured: Path) -> None:
    paths = sorted(coloured.glob("*/*.png"))
    for path in paths[1:]:
        shutil.copyfile(paths[0], path)
    assert evaluate_network(*made(small()), CPU).judged_on is None


def test_a_query_without_anything_to_find_is_not_among_the_results(small: Make, coloured: Path, tmp_path: Path) -> None:
    """All training images are one image, which is a test image too."""
    paths = sorted(coloured.glob("*/*.png"))
    for path in paths[1:]:
        shutil.copyfile(paths[0], path)
    (tmp_path / "tests" / "blue").mkdir(parents=True)
    shutil.copyfile(paths[0], tmp_path / "tests" / "blue" / "0.png")
    Image.new("RGB", (16, 16), "red").save(tmp_path / "tests" / "blue" / "1.png")
    evaluation = evaluate_network(*made(small(test=str(tmp_path / "tests"))), CPU)
    assert evaluation.results is not None
    assert evaluation.results.query_rows.tolist() == [1]
    assert evaluation.results.indices.min() >= 0


def test_descriptors_that_are_no_numbers_are_one_line(small: Make) -> None:
    network, data = made(small())
    with torch.no_grad():
        next(network.head.parameters()).fill_(float("nan"))
    with pytest.raises(TrainingError, match=r"cannot be judged on the validation images: \d+ of the \d+ descriptors"):
        evaluate_network(network, data, CPU)
