"""What is searched for: images, words, items and descriptors, wanted and unwanted, joined into one descriptor."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podoba.arrays import Floats, Indices
from podoba.collection.search.settings import DEFAULT, SearchSettings
from podoba.collection.search.words import WORDS, Scale, deviations, is_words, scale_of, words_of
from podoba.collection.storage.items import BY_ID
from podoba.collection.vectors import Searchable
from podoba.errors import ContradictoryQuery, SourceError, UnreadableImage
from podoba.files import read_bounded, shown
from podoba.images.contents import Contents, noting_contents
from podoba.images.decode import Box, load_pixels, picture_pixels, upright_picture
from podoba.images.locate import container_of, find_record
from podoba.images.record import ImageRecord
from podoba.images.resize import PixelRule
from podoba.images.sources.base import located
from podoba.models.encoder import NO_DESCRIPTOR, Encoder
from podoba.models.pipeline import encode_rows


@dataclass(frozen=True)
class DescribedImage:
    """An encoded image, or a part of one, whose descriptor is known: what was sent to a server and decoded elsewhere.

    Attributes:
        descriptor: float32 (dim,), unit length; of the box of the query's part where that has one.
        picture: `Item.picture` of the whole: the sha256 of its bytes.
        name: what it is called in words.
    """

    descriptor: Floats
    picture: str
    name: str = "picture"


Query = str | Path | NDArray[Any] | Image.Image | DescribedImage
ITEM = "id:"
LARGEST = 1 << 24  # bytes of a file with one descriptor
NONE = np.empty(0, dtype=np.int64)
UNWANTED = 0.25  # weight of an unwanted image: beyond it, more is lost than won (benchmarks/reranking.py --variants)


@dataclass(frozen=True)
class Part:
    """One image of a query, or words.

    Attributes:
        image: the path of an image, or of a descriptor (`.npy`); `id:ID` for an item; `text:WORDS`; a descriptor (dim,); or a
            picture in memory, as a PIL image or as uint8 (H, W, 3), RGB; or a `DescribedImage`.
        weight: how much it counts beside the others; None: 1, and 0.25 for an unwanted one.
        box: x, y, width, height in pixels of the upright image: only this part of it.
    """

    image: Query
    weight: float | None = None
    box: Box | None = None

    def __str__(self) -> str:
        name = str(self.image) if isinstance(self.image, str | Path) else "picture" if is_picture(self) else "descriptor"
        name = self.image.name if isinstance(self.image, DescribedImage) else name
        box = "" if self.box is None else f"[{','.join(f'{side:g}' for side in self.box)}]"
        return f"{name}{box}" + ("" if self.weight is None else f"@{self.weight:g}")


@dataclass(frozen=True)
class ComposedQuery:
    """A query as descriptors.

    Attributes:
        descriptor: float32 (dim,), unit length: the weighted sum of the wanted less that of the unwanted.
        wanted: float32 (n, dim), unit length.
        weights: float64 (n,), of `wanted`, their sum is 1.
        own: int64, `items.number` of the items that are an image of the query itself, by place or by bytes.
        moved: whether `descriptor` is another than that of the only wanted image.
        scale: of the similarities to `descriptor`, where there are words among the parts; None for pictures alone.
    """

    descriptor: Floats
    wanted: Floats
    weights: NDArray[np.float64]
    own: Indices
    moved: bool
    scale: Scale | None = None


def as_parts(query: Query | Part | Sequence[Query | Part]) -> list[Part]:
    """One query or several as parts. Raises `TypeError` for what can be no query."""
    known = (str, Path, np.ndarray, Image.Image, DescribedImage, Part)
    if isinstance(query, known):
        query = [query]
    strange = [query] if not isinstance(query, Sequence) else [one for one in query if not isinstance(one, known)]
    if strange:
        raise TypeError(
            f"a query is a path, id:ID, text:WORDS, a picture, a descriptor, a Part, or a list of these; not "
            f"{type(strange[0]).__name__}"
        )
    return [part if isinstance(part, Part) else Part(part) for part in query]


def compose(
    store: Searchable,
    wanted: Sequence[Part],
    unwanted: Sequence[Part],
    encoder: Encoder | None,
    settings: SearchSettings = DEFAULT,
) -> ComposedQuery:
    """The descriptor of a query: the sum of the wanted by their weights, less that of the unwanted (Rocchio, 1971).

    Where there are words among them, the weights are of z-scores (`podoba.collection.search.words`).

    Args:
        encoder: of the collection's model; None: it is opened where an image must be encoded.

    Raises:
        CollectionError: no such item, an encoder of another model, or images that cancel each other.
        ModelError, MissingExtra: words, where the model has no text tower, or `podoba[text]` is not installed.
        UnreadableImage, SourceError: an image that cannot be read.
        ValueError: nothing is wanted, a weight that is not above zero, a descriptor of another shape, or no words.
    """
    if not wanted:
        raise ValueError("a query needs one image or more that is wanted")
    parts = [*wanted, *unwanted]
    usual = [1.0] * len(wanted) + [UNWANTED] * len(unwanted)
    given = np.array([usual[i] if part.weight is None else part.weight for i, part in enumerate(parts)])
    if not (np.isfinite(given).all() and (given > 0).all()):
        raise ValueError("the weight of an image is a number above zero")
    contents: Contents = {}
    descriptors = _describe(store, parts, encoder, contents)
    weights = given.copy()
    weights[: len(wanted)] /= given[: len(wanted)].sum()
    weights[len(wanted) :] *= -1
    sample = store.descriptors.sample(settings.usual) if has_words(parts) else None
    if sample is not None:
        weights /= deviations(sample, descriptors)
    together = weights @ descriptors.astype(np.float64)
    length = float(np.linalg.norm(together))
    if length < 1e-6:
        raise ContradictoryQuery("the images of the query cancel each other: give the unwanted ones less weight (c.jpg@0.1)")
    first, moved = descriptors[: len(wanted)], len(parts) > 1
    target = (together / length).astype(np.float32) if moved else first[0]
    own = [_own(store, part, contents) for part in parts if part.box is None and (has_place(part) or is_described(part))]
    shares = given[: len(wanted)] / given[: len(wanted)].sum()
    scale = None if sample is None else scale_of(sample, target)
    return ComposedQuery(target, first, shares, np.unique(np.concatenate([NONE, *own])), moved, scale)


def in_words(wanted: Sequence[Part], unwanted: Sequence[Part]) -> str:
    """A query as a person would write it: `a.jpg + text:red car@0.5 - c.jpg`."""
    return " ".join([" + ".join(map(str, wanted)), *(f"- {part}" for part in unwanted)])


def record_of(store: Searchable, part: Part) -> ImageRecord:
    """The image of a part. Raises `CollectionError` where there is no such item, `SourceError` where there is no such file."""
    if _is_item(part):
        return find_record(store.items.get(str(part.image).removeprefix(ITEM)).uri)
    path = located(str(part.image))
    if not path.exists() and container_of(str(path)) is None:
        raise SourceError(f"{shown(str(part.image))}: no such image: name an image file, or id:ID for an item of the collection")
    return find_record(str(path))


def key_of(store: Searchable, part: Part) -> str:
    """By what a query is recognised: its content, wherever its image lies. Raises as `record_of`, `UnreadableImage`."""
    if is_words(part.image):
        return WORDS + words_of(part.image)
    if is_descriptor(part):
        return f"descriptor:{hashlib.sha256(_unit(store, part).tobytes()).hexdigest()}"
    box = "" if part.box is None else f"[{','.join(f'{side:g}' for side in part.box)}]"
    if is_picture(part):
        picture = upright_picture(_picture(part), str(part))
        return f"picture:{hashlib.sha256(f'{picture.size}'.encode() + picture.tobytes()).hexdigest()}{box}"
    if isinstance(part.image, DescribedImage):
        return part.image.picture + box
    if not _is_item(part):
        return hashlib.sha256(record_of(store, part).open()).hexdigest() + box
    item = store.items.get(str(part.image).removeprefix(ITEM))
    return item.picture + box


def is_descriptor(part: Part) -> bool:
    """Whether a part is no image but a descriptor: an array, or a `.npy` file."""
    if not isinstance(part.image, str | Path):
        return not (is_picture(part) or is_described(part))
    return not (_is_item(part) or is_words(part.image)) and str(part.image).lower().endswith(".npy")


def is_picture(part: Part) -> bool:
    """Whether a part is a picture in memory, which has no place."""
    if isinstance(part.image, np.ndarray):
        return part.image.dtype == np.uint8 and part.image.ndim == 3
    return isinstance(part.image, Image.Image)


def is_described(part: Part) -> bool:
    """Whether a part is an encoded image whose descriptor is known."""
    return isinstance(part.image, DescribedImage)


def has_place(part: Part) -> bool:
    """Whether a part is an image that lies somewhere: a file, or an item of the collection."""
    return not (is_descriptor(part) or is_picture(part) or is_described(part) or is_words(part.image))


def has_words(parts: Sequence[Part]) -> bool:
    """Whether there are words among the parts of a query."""
    return any(is_words(part.image) for part in parts)


def _picture(part: Part) -> Image.Image | NDArray[np.uint8]:
    if isinstance(part.image, Image.Image):
        return part.image
    array = np.asarray(part.image)
    if array.shape[2] != 3 or not array.size:
        raise ValueError(f"a picture as an array must be uint8 (H, W, 3), RGB; this is {array.shape}")
    return array


def _is_item(part: Part) -> bool:
    return isinstance(part.image, str) and part.image.startswith(ITEM)


def _own(store: Searchable, part: Part, contents: Contents) -> Indices:
    """Numbers of the items that are this image: at the same place, or of the same bytes, as they were noted."""
    if _is_item(part):
        item = store.items.get(str(part.image).removeprefix(ITEM))
        return store.items.same_as(item.id, item.content)
    if isinstance(part.image, DescribedImage):
        return store.items.same_as(part.image.picture.removeprefix(BY_ID), part.image.picture)
    record = record_of(store, part)
    return store.items.same_as(record.id, contents[record.id])


def _describe(store: Searchable, parts: Sequence[Part], encoder: Encoder | None, contents: Contents) -> Floats:
    """Descriptors (n, dim), unit length; all images are encoded together, and what is read of them is noted in `contents`."""
    descriptors: list[Floats | None] = []
    images: list[Part] = []
    for part in parts:
        if is_words(part.image):
            descriptors.append(_describe_words(store, part, encoder))
        elif is_descriptor(part) or is_described(part):
            descriptors.append(_unit(store, part))
        elif _is_item(part) and part.box is None:
            descriptors.append(store.descriptors.get(str(part.image).removeprefix(ITEM)))
        else:
            images.append(part)
            descriptors.append(None)
    if images:
        if encoder is None:
            encoder = store.models.open_encoder()
        else:
            store.models.check(encoder)
        rule = encoder.card.pixels
        made = encode_rows(images, lambda part: (part, _pixels(store, part, rule, contents)), encoder, _without)
        encoded = (descriptor for batch in made for _, descriptor in batch)
        descriptors = [next(encoded) if one is None else one for one in descriptors]
    return np.stack([one for one in descriptors if one is not None])


def _describe_words(store: Searchable, part: Part, encoder: Encoder | None) -> Floats:
    """The descriptor (dim,) of words, by the model's text tower."""
    if part.box is not None:
        raise SourceError(f"{part}: words have no pixels to draw a box on: leave the box out")
    words = words_of(part.image)
    descriptor: Floats = store.models.open_text(encoder).encode([words])[0]
    return descriptor


def _without(part: Part) -> Part:
    raise UnreadableImage(shown(str(part)), NO_DESCRIPTOR)


def _pixels(store: Searchable, part: Part, rule: PixelRule, contents: Contents) -> NDArray[np.uint8]:
    if is_picture(part):
        return picture_pixels(_picture(part), str(part), rule, part.box)
    (record,) = noting_contents([record_of(store, part)], contents)
    return load_pixels(record, rule, part.box)


def _load(part: Part) -> NDArray[np.floating[Any]]:
    if isinstance(part.image, DescribedImage):
        return part.image.descriptor
    if part.box is not None:
        raise SourceError(f"{part}: a descriptor has no pixels to draw a box on: leave the box out")
    if isinstance(part.image, np.ndarray):
        return part.image
    try:
        loaded = np.load(io.BytesIO(read_bounded(Path(str(part.image)).expanduser(), LARGEST)), allow_pickle=False)
        return np.asarray(loaded, dtype=np.float64).squeeze()
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise SourceError(f"{shown(str(part.image))}: no descriptor can be read from it ({error}): name an .npy file") from error


def _unit(store: Searchable, part: Part) -> Floats:
    descriptor, card = _load(part), store.models.card
    length = float(np.linalg.norm(descriptor))
    if card is not None and descriptor.shape == (card.dim,) and np.isfinite(length) and length > 0:
        unit = descriptor if is_described(part) else descriptor / length  # the model's own would change by a rounding
        return unit.astype(np.float32)
    expected = None if card is None else card.dim
    text = f"a descriptor must be ({expected},), finite and not zero; this is {descriptor.shape}"
    if not isinstance(part.image, str | Path):
        raise ValueError(text)
    raise SourceError(f"{shown(str(part.image))}: {text}: save one of the collection's own model")
