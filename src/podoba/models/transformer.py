"""Descriptors as a step of a scikit-learn pipeline; without scikit-learn the same class stands alone."""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podoba.arrays import Floats
from podoba.errors import UnreadableImage
from podoba.images.decode import load_pixels, picture_pixels
from podoba.images.record import ImageRecord
from podoba.images.resize import PixelRule
from podoba.images.sources.base import read_file
from podoba.models.bundled import DEFAULT_MODEL
from podoba.models.encoder import BATCH, NO_DESCRIPTOR, Encoder
from podoba.models.names import open_model
from podoba.models.pipeline import encode_rows

try:
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.exceptions import NotFittedError
except ModuleNotFoundError:
    from podoba.models.plain_estimator import BaseEstimator, NotFittedError, TransformerMixin

Picture = str | os.PathLike[str] | Image.Image | NDArray[np.uint8]


class DescriptorTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """Images to descriptors: a transformer of scikit-learn.

    It works as a step of a Pipeline, under clone and GridSearchCV (over models), and in a pickle, which has the model's name
    and not its weights. Nothing is learned by `fit`: it opens the model.

    Args:
        model: a name of a model, as in `podoba.models.names.find_model`.
        batch_size: images encoded at once, 1 or more.
        threads: that decode and encode; None: one a core.
        device: what encodes, as in `Encoder`; None: as PODOBA_DEVICE says, else `auto`.

    Attributes:
        n_features_out_: numbers of a descriptor; there after `fit`.
    """

    def __init__(
        self, model: str = DEFAULT_MODEL, *, batch_size: int = BATCH, threads: int | None = None, device: str | None = None
    ) -> None:
        self.model = model
        self.batch_size = batch_size
        self.threads = threads
        self.device = device

    def fit(self, X: Iterable[Picture], y: object = None) -> Self:  # noqa: N803
        """Open the model. Raises `ModelError` where there is none of this name, `ValueError` for a wrong batch size."""
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, it is {self.batch_size}")
        self._open()
        self.n_features_out_ = self._encoder.card.dim
        return self

    def transform(self, X: Iterable[Picture]) -> Floats:  # noqa: N803
        """Descriptors (n, dim), float32, unit length, or a data frame of them after `set_output(transform="pandas")`.

        Args:
            X: n images: paths, `PIL.Image`s, or uint8 arrays (H, W, 3) or (H, W); or one array (n, H, W, 3), uint8.

        Raises:
            UnreadableImage: a file that is no image, or an image of which the model has no descriptor.
            NotFittedError: before `fit`; it is a `ValueError`.
            ValueError: what is no image at all.
        """
        encoder = self._ready()
        rule = encoder.card.pixels

        def read(row: tuple[int, Picture]) -> tuple[int, NDArray[np.uint8]]:
            return row[0], _pixels(row[1], row[0], rule)

        def without(place: int) -> int:
            raise UnreadableImage(f"image {place}", NO_DESCRIPTOR)

        made = encode_rows(enumerate(_each(X)), read, encoder, without, workers=self.threads, batch_size=self.batch_size)
        descriptors = [descriptor for batch in made for _, descriptor in batch if descriptor is not None]
        return np.stack(descriptors) if descriptors else np.empty((0, encoder.card.dim), dtype=np.float32)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Names of the numbers of a descriptor, object (dim,). Raises `NotFittedError` before `fit`."""
        return np.array([f"descriptor{i}" for i in range(self._ready().card.dim)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_out_")

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn wants to know: images go in, nothing is learned from labels."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.three_d_array, tags.input_tags.string = False, True, True
        tags.transformer_tags.preserves_dtype = []
        tags.target_tags.required, tags.no_validation = False, True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name not in ("_encoder", "_opened")}

    def _ready(self) -> Encoder:
        """The encoder of the model; opened again after unpickling, and where the model was changed since."""
        if not self.__sklearn_is_fitted__():
            raise NotFittedError("this DescriptorTransformer is not fitted yet: call fit, which opens the model")
        if getattr(self, "_opened", None) != (self.model, self.threads, self.device):
            self._open()
        return self._encoder

    def _open(self) -> None:
        self._encoder = open_model(self.model, self.threads, self.device)
        self._opened = self.model, self.threads, self.device


def _each(images: Any) -> Iterable[Picture]:
    """Images one by one."""
    if isinstance(images, str | os.PathLike | Image.Image):
        raise ValueError("images are given as a list of them, also where there is one")
    if isinstance(images, np.ndarray) and images.dtype != object and images.dtype.kind != "U":
        if images.ndim != 4:
            raise ValueError(f"an array of images is uint8 (n, H, W, 3), this is {images.dtype} {images.shape}")
        return iter(images)
    array = np.asarray(images, dtype=object) if hasattr(images, "iloc") else images  # a column of a data frame
    if isinstance(array, np.ndarray):
        column: list[Picture] = array.ravel().tolist()  # of (n, 1) too
        return column
    return array  # type: ignore[no-any-return]


def _pixels(picture: Any, place: int, rule: PixelRule) -> NDArray[np.uint8]:
    """Pixels (S, S, 3) of one image."""
    if isinstance(picture, str | os.PathLike):
        path = Path(picture).expanduser()
        return load_pixels(ImageRecord(str(path), str(path), None, partial(read_file, path)), rule)
    if isinstance(picture, np.ndarray):
        if picture.dtype != np.uint8 or not (picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] == 3)):
            raise ValueError(f"image {place}: an array of an image is uint8 (H, W, 3), this is {picture.dtype} {picture.shape}")
    elif not isinstance(picture, Image.Image):
        raise ValueError(f"image {place}: a {type(picture).__name__} is no image: give a path, a PIL image or a uint8 array")
    return picture_pixels(picture, f"image {place}", rule)
