"""Descriptors as a step of a scikit-learn pipeline; scikit-learn itself is not needed."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podoba.images.decode import load_pixels, picture_pixels
from podoba.images.record import ImageRecord
from podoba.images.sources.base import read_file
from podoba.models.encoder import BATCH, Encoder
from podoba.models.names import open_model

Picture = str | os.PathLike[str] | Image.Image | NDArray[np.uint8]
OUTPUTS = ("default", "pandas")


class DescriptorTransformer:
    """Images to descriptors, with the interface of scikit-learn's transformers.

    It works as a step of a Pipeline, under clone and GridSearchCV (over models), and in a pickle, which holds the model's name
    and not its weights. Nothing is learned by `fit`: it opens the model.

    Args:
        model: `starter`, a run folder, an `.onnx` file, `timm/<name>` or `hf:<owner>/<repo>`.
        batch_size: images encoded at once, 1 or more.
        threads: of the computation; None: one a core.

    Attributes:
        n_features_out_: numbers of a descriptor; there after `fit`.
    """

    def __init__(self, model: str = "starter", *, batch_size: int = BATCH, threads: int | None = None) -> None:
        self.model = model
        self.batch_size = batch_size
        self.threads = threads

    def fit(self, X: Iterable[Picture], y: object = None) -> Self:  # noqa: N803
        """Open the model. Raises `ModelError` where there is none of this name, `ValueError` for a wrong batch size."""
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, it is {self.batch_size}")
        self._encoder = open_model(self.model, self.threads)
        self._opened = (self.model, self.threads)
        self.n_features_out_ = self._encoder.card.dim
        return self

    def transform(self, X: Iterable[Picture]) -> Any:  # noqa: N803
        """Descriptors (n, dim), float32, unit length, or a data frame of them after `set_output(transform="pandas")`.

        Args:
            X: n images: paths, `PIL.Image`s, or uint8 arrays (H, W, 3) or (H, W); or one array (n, H, W, 3), uint8.

        Raises:
            UnreadableImage: a file that is no image.
            ValueError: not yet fitted, or what is no image at all.
        """
        encoder = self._ready()
        size, rule = encoder.card.input_size, encoder.card.resize
        parts = [np.empty((0, encoder.card.dim), dtype=np.float32)]
        batch: list[NDArray[np.uint8]] = []
        for place, picture in enumerate(_each(X)):
            batch.append(_pixels(picture, place, size, rule))
            if len(batch) == self.batch_size:
                parts.append(encoder.encode(np.stack(batch), self.batch_size))
                batch = []
        if batch:
            parts.append(encoder.encode(np.stack(batch), self.batch_size))
        return self._shaped(np.concatenate(parts), X)

    def fit_transform(self, X: Iterable[Picture], y: object = None, **fit_params: object) -> Any:  # noqa: N803
        """`fit`, then `transform`."""
        return self.fit(X, y).transform(X)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Names of the numbers of a descriptor, object (dim,). Raises `ValueError` before `fit`."""
        return np.array([f"descriptor{i}" for i in range(self._ready().card.dim)], dtype=object)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments it was made with."""
        return {name: getattr(self, name) for name in _names()}

    def set_params(self, **params: Any) -> Self:
        """Change arguments. Raises `ValueError` for an unknown one."""
        unknown = sorted(set(params) - set(_names()))
        if unknown:
            raise ValueError(f"Invalid parameter {unknown[0]!r} for a DescriptorTransformer: it has {', '.join(_names())}")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def set_output(self, *, transform: str | None = None) -> Self:
        """What `transform` gives: `default` (an array) or `pandas` (a data frame); None leaves it. Raises `ValueError`."""
        if transform is not None:
            if transform not in OUTPUTS:
                raise ValueError(f"set_output knows {' and '.join(OUTPUTS)}, not {transform!r}")
            self._sklearn_output_config = {"transform": transform}  # under this name clone takes it along
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_out_")

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn from 1.6 on is told: images go in, nothing is learned from labels."""
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        takes = InputTags(two_d_array=False, three_d_array=True, string=True)
        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=[]),
            input_tags=takes,
            no_validation=True,
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_encoder", "_opened")}

    def __repr__(self) -> str:
        usual = {name: parameter.default for name, parameter in inspect.signature(DescriptorTransformer).parameters.items()}
        told = [f"{name}={value!r}" for name, value in self.get_params().items() if value != usual[name]]
        return f"DescriptorTransformer({', '.join(told)})"

    def _ready(self) -> Encoder:
        """The encoder of the model; opened anew after unpickling, and where the model was changed since."""
        if not self.__sklearn_is_fitted__():
            raise _not_fitted()
        if getattr(self, "_opened", None) != (self.model, self.threads):
            self._encoder, self._opened = open_model(self.model, self.threads), (self.model, self.threads)
        return self._encoder

    def _shaped(self, descriptors: NDArray[np.float32], images: Any) -> Any:
        if getattr(self, "_sklearn_output_config", {}).get("transform", "default") == "default":
            return descriptors
        from podoba.errors import require

        index = getattr(images, "index", None)
        return require("pandas", "notebook").DataFrame(
            descriptors, columns=self.get_feature_names_out(), index=None if callable(index) else index
        )


def _names() -> list[str]:
    return list(inspect.signature(DescriptorTransformer).parameters)


def _not_fitted() -> ValueError:
    message = "this DescriptorTransformer is not fitted yet: call fit, which opens the model"
    try:
        from sklearn.exceptions import NotFittedError
    except ModuleNotFoundError:
        return ValueError(message)
    return NotFittedError(message)  # type: ignore[no-any-return]


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


def _pixels(picture: Any, place: int, size: int, rule: Any) -> NDArray[np.uint8]:
    """Pixels (size, size, 3) of one image."""
    if isinstance(picture, str | os.PathLike):
        path = Path(picture).expanduser()
        return load_pixels(ImageRecord(str(path), str(path), None, partial(read_file, path)), size, rule)
    if isinstance(picture, np.ndarray):
        if picture.dtype != np.uint8 or not (picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] == 3)):
            raise ValueError(f"image {place}: an array of an image is uint8 (H, W, 3), this is {picture.dtype} {picture.shape}")
    elif not isinstance(picture, Image.Image):
        raise ValueError(f"image {place}: a {type(picture).__name__} is no image: give a path, a PIL image or a uint8 array")
    return picture_pixels(picture, f"image {place}", size, rule)
