"""The transformer: what it gives, what it refuses, and that scikit-learn takes it for one of its own."""

from __future__ import annotations

import importlib.util
import pickle
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks, get_tags

from podoba import DescriptorTransformer, open_model
from podoba.errors import ModelError, UnreadableImage
from podoba.models.encoder import Encoder


def _without_scikit_learn() -> type[DescriptorTransformer]:
    """The class as it is where scikit-learn is not installed."""
    spec = importlib.util.find_spec("podoba.models.transformer")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with patch.dict(sys.modules, {"sklearn": None, "sklearn.base": None, "sklearn.exceptions": None}):
        spec.loader.exec_module(module)
    made: type[DescriptorTransformer] = module.DescriptorTransformer
    return made


KINDS: dict[str, type[DescriptorTransformer]] = {"scikit-learn's": DescriptorTransformer, "alone": _without_scikit_learn()}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> type[DescriptorTransformer]:
    return KINDS[request.param]


@pytest.fixture
def fitted(kind: type[DescriptorTransformer]) -> DescriptorTransformer:
    return kind(threads=1).fit([])


def test_it_is_a_transformer_of_scikit_learn_where_that_is_installed() -> None:
    assert issubclass(DescriptorTransformer, BaseEstimator)
    assert issubclass(DescriptorTransformer, TransformerMixin)
    assert not issubclass(KINDS["alone"], BaseEstimator)


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    """24 images (24, 20, 20, 3), uint8: red ones, then blue ones."""
    images = np.random.default_rng(0).integers(0, 120, (24, 20, 20, 3), dtype=np.uint8)
    images[:12, ..., 0] += 120
    images[12:, ..., 2] += 120
    return images


@pytest.fixture
def paths(pixels: np.ndarray, tmp_path: Path) -> list[Path]:
    for i, image in enumerate(pixels):
        Image.fromarray(image).save(tmp_path / f"{i:02}.png")
    return sorted(tmp_path.glob("*.png"))


def test_all_ways_to_give_an_image_give_the_same(fitted: DescriptorTransformer, pixels: np.ndarray, paths: list[Path]) -> None:
    encoder = open_model("photo", 1)
    small = np.stack(
        [np.asarray(Image.fromarray(p).resize((encoder.card.input_size,) * 2, Image.Resampling.BICUBIC)) for p in pixels]
    )
    expected = encoder.encode(small)
    pictures = [Image.open(path) for path in paths]
    for images in (pixels, list(pixels), paths, [str(p) for p in paths], np.array([str(p) for p in paths]), pictures,
                   np.array([str(p) for p in paths], dtype=object)[:, None], pd.Series([str(p) for p in paths])):  # fmt: skip
        found = fitted.transform(images)
        assert (found.shape, found.dtype) == ((24, encoder.card.dim), np.dtype(np.float32))
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert fitted.transform([]).shape == (0, encoder.card.dim)
    grey = fitted.transform([pixels[0, ..., 0]])
    np.testing.assert_allclose(grey, fitted.transform([Image.fromarray(pixels[0, ..., 0])]), atol=1e-6)


def test_batches_change_nothing(kind: type[DescriptorTransformer], pixels: np.ndarray) -> None:
    one, many = (kind(batch_size=size, threads=2).fit_transform(pixels) for size in (1, 7))
    np.testing.assert_allclose(one, many, atol=1e-5)


def test_wrong_images_are_named(fitted: DescriptorTransformer, pixels: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("dear diary")
    with pytest.raises(UnreadableImage, match=r"text\.jpg"):
        fitted.transform([tmp_path / "text.jpg"])
    with pytest.raises(UnreadableImage, match="missing"):
        fitted.transform([tmp_path / "missing.jpg"])
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (99, 99, 3), dtype=np.uint8)).save(tmp_path / "cut.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "cut.jpg").read_bytes()[:2000])
    with Image.open(tmp_path / "cut.jpg") as cut, pytest.raises(UnreadableImage, match="image 1"):
        fitted.transform([pixels[0], cut])
    with pytest.raises(UnreadableImage, match="image 1: no pixels: 40x0"):
        fitted.transform([pixels[0], np.zeros((0, 40, 3), dtype=np.uint8)])
    for wrong in (pixels[0], pixels.astype(np.float32), [pixels[0].astype(float)], [None], [3], np.zeros((3, 4))):
        with pytest.raises(ValueError, match=r"image"):
            fitted.transform(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a list of them"):
        fitted.transform("one.jpg")
    with pytest.raises(ModelError, match="no such model"):
        DescriptorTransformer("startr").fit([])
    with pytest.raises(ValueError, match="batch_size"):
        DescriptorTransformer(batch_size=0).fit([])


def test_an_image_without_a_descriptor_is_named(fitted: DescriptorTransformer, pixels: np.ndarray) -> None:
    blind = np.full((2, 192), np.nan, np.float32), np.array([False, False])
    with (
        patch.object(Encoder, "encode_valid", return_value=blind),
        pytest.raises(UnreadableImage, match="image 0: the model gives no descriptor"),
    ):
        fitted.transform(pixels[:2])


def test_before_fit_nothing_is_given(kind: type[DescriptorTransformer], pixels: np.ndarray) -> None:
    for early in (lambda: kind().transform(pixels), lambda: kind().get_feature_names_out()):
        with pytest.raises(ValueError, match="call fit") as caught:
            early()
        assert type(caught.value).__name__ == "NotFittedError"
    with pytest.raises(NotFittedError):
        DescriptorTransformer().transform(pixels)


def test_names_and_data_frames(kind: type[DescriptorTransformer], fitted: DescriptorTransformer, pixels: np.ndarray) -> None:
    names = fitted.get_feature_names_out()
    assert (names[0], len(names), names.dtype) == ("descriptor0", fitted.n_features_out_, np.dtype(object))
    framed = kind(threads=1).set_output(transform="pandas").fit(pixels)
    frame = framed.transform(pixels)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == list(names)
    np.testing.assert_allclose(frame.to_numpy(), fitted.transform(pixels), atol=1e-6)
    assert isinstance(framed.fit_transform(pixels), pd.DataFrame)
    assert framed.set_output() is framed
    assert isinstance(framed.set_output(transform="default").transform(pixels), np.ndarray)
    with pytest.raises(ValueError, match="pandas"):
        framed.set_output(transform="tables").transform(pixels)


def test_a_clone_gives_data_frames_too(pixels: np.ndarray) -> None:
    framed = DescriptorTransformer(threads=1).set_output(transform="pandas")
    assert isinstance(clone(framed).fit_transform(pixels), pd.DataFrame)


def test_rows_of_a_data_frame_keep_their_names(fitted: DescriptorTransformer, paths: list[Path]) -> None:
    column = pd.Series([str(path) for path in paths[:3]], index=["a", "b", "c"])
    assert list(fitted.set_output(transform="pandas").transform(column).index) == ["a", "b", "c"]


def test_it_is_a_step_of_a_pipeline_that_can_be_searched_and_pickled(pixels: np.ndarray, paths: list[Path]) -> None:
    labels = ["red"] * 12 + ["blue"] * 12
    pipeline = make_pipeline(DescriptorTransformer(threads=1), KNeighborsClassifier(3)).fit(paths, labels)
    assert list(pipeline.predict(pixels)) == labels
    again = pickle.loads(pickle.dumps(pipeline))
    assert list(again.predict(pixels)) == labels
    assert len(pickle.dumps(pipeline[0])) < 1000  # the name of the model, not its weights
    grid = {"descriptortransformer__batch_size": [4, 8], "kneighborsclassifier__n_neighbors": [1, 3]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(pixels, labels)
    assert search.best_score_ == 1
    assert search.get_params()["estimator__descriptortransformer__model"] == "photo"
    assert "DescriptorTransformer" in pipeline._repr_html_()
    assert list(make_pipeline(DescriptorTransformer(threads=1)).fit(pixels).get_feature_names_out())[:1] == ["descriptor0"]


def test_another_model_is_opened_where_it_is_changed(fitted: DescriptorTransformer, kind: type[DescriptorTransformer]) -> None:
    assert fitted.set_params(model="no such") is fitted
    assert fitted.get_params() == {"model": "no such", "batch_size": 32, "threads": 1, "device": None}
    with pytest.raises(ModelError, match="no such model"):
        fitted.transform([])
    with pytest.raises(ValueError, match="Invalid parameter 'modle'"):
        fitted.set_params(modle="small")
    assert repr(kind("runs/a", threads=2)) == "DescriptorTransformer(model='runs/a', threads=2)"
    assert "_encoder" not in fitted.__getstate__()


def test_one_picture_that_is_not_read_yet_can_be_given_many_times(fitted: DescriptorTransformer, paths: list[Path]) -> None:
    with Image.open(paths[0]) as opened:
        descriptors = fitted.set_params(batch_size=2, threads=4).transform([opened] * 16)
    np.testing.assert_allclose(descriptors, fitted.transform(paths[:1]).repeat(16, axis=0), atol=1e-6)


CHECKS = (
    "check_estimator_cloneable", "check_estimator_repr", "check_estimator_tags_renamed", "check_valid_tag_types",
    "check_no_attributes_set_in_init", "check_parameters_default_constructible", "check_get_params_invariance",
    "check_set_params", "check_mixin_order",
)  # fmt: skip


@pytest.mark.parametrize("name", CHECKS)
def test_scikit_learns_own_checks_that_need_no_table_of_numbers(name: str) -> None:
    getattr(estimator_checks, name)("DescriptorTransformer", DescriptorTransformer())


def test_its_tags_say_that_images_go_in() -> None:
    tags = get_tags(DescriptorTransformer())
    assert (tags.input_tags.two_d_array, tags.input_tags.three_d_array, tags.target_tags.required) == (False, True, False)
    assert tags.no_validation


def test_it_needs_neither_scikit_learn_nor_torch() -> None:
    code = """
import sys, numpy as np
sys.modules["sklearn"] = None
from podoba import DescriptorTransformer
found = DescriptorTransformer(threads=1).fit_transform(np.zeros((2, 9, 9, 3), np.uint8))
try:
    DescriptorTransformer().transform([])
except ValueError as error:
    print(found.shape[0], "call fit" in str(error), [m for m in ("torch", "faiss", "pandas", "scipy") if m in sys.modules])
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "2 True []"
