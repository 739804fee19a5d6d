"""Composed queries: weights, boxes, unwanted images, descriptors, images in memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.collection.collection import Collection, index_sources, search
from podoba.collection.search.options import SearchOptions
from podoba.collection.search.query import DescribedImage, Part
from podoba.collection.search.search import search as search_index
from podoba.collection.search.settings import SearchSettings
from podoba.errors import CollectionError, SourceError, UnreadableImage
from podoba.images.decode import decode_pixels
from podoba.images.sources.open import open_source
from podoba.models.calibration import Background
from podoba.models.encoder import Encoder

DIM = 192
WritePicture = Callable[..., Path]


def descriptors(collection: Collection) -> dict[str, np.ndarray]:
    return {item.id: collection.store.descriptors.get(item.id).astype(np.float64) for item in collection.items()}


def test_a_composed_query_is_the_weighted_sum(filled: Collection) -> None:
    known = descriptors(filled)
    a, b, c = list(known)[:3]
    found = search(filled, [f"id:{a}", Part(f"id:{b}", 0.5)], unwanted=f"id:{c}", k=100)
    target = (known[a] + 0.5 * known[b]) / 1.5 - 0.25 * known[c]
    target /= np.linalg.norm(target)
    expected = sorted((id_ for id_ in known if id_ not in (a, b, c)), key=lambda id_: -float(known[id_] @ target))
    assert [hit.id for hit in found.hits] == expected  # those that were asked with are no hits
    np.testing.assert_allclose([hit.similarity for hit in found.hits], [known[id_] @ target for id_ in expected], atol=1e-6)
    assert found.query == f"id:{a} + id:{b}@0.5 - id:{c}"
    card = filled.card
    assert card is not None
    for hit in found.hits[:5]:  # of the wanted images alone: only a pair of images has a calibrated chance
        every = np.stack(list(known.values()))
        of_a, of_b = (
            card.probability(float(known[hit.id] @ known[one]), Background.of(known[one][None], every)) for one in (a, b)
        )
        assert of_a is not None
        assert of_b is not None
        assert hit.probability == pytest.approx((float(of_a[0]) + 0.5 * float(of_b[0])) / 1.5, abs=1e-6)


@pytest.mark.parametrize("pool", [3, 200])
def test_of_a_composed_query_likely_items_are_found_behind_the_nearest(filled: Collection, pool: int) -> None:
    settings = SearchSettings(pool=pool)
    known = descriptors(filled)
    a, b, c = list(known)[:3]
    wanted, unwanted = [f"id:{a}", f"id:{b}"], Part(f"id:{c}", 0.9)  # what is unlike c comes first, likely or not
    every = [hit for hit in search(filled, wanted, unwanted=unwanted, k=100) if hit.probability is not None]
    bound = sorted(hit.probability for hit in every if hit.probability is not None)[-12]
    likely = [hit.id for hit in every if hit.probability is not None and hit.probability >= bound]
    assert likely != [hit.id for hit in every[:12]]
    for k in (1, 5, 12, 50):
        options = SearchOptions(k=k, min_probability=bound)
        result = search_index(filled.index, wanted, unwanted, options, settings=settings)
        assert [hit.id for hit in result] == likely[:k]


def test_images_that_cancel_each_other_are_refused(filled: Collection) -> None:
    id_ = filled.items()[0].id
    with pytest.raises(CollectionError, match="cancel each other"):
        search(filled, f"id:{id_}", unwanted=Part(f"id:{id_}", 1.0))
    with pytest.raises(ValueError, match="above zero"):
        search(filled, Part(f"id:{id_}", 0.0))
    with pytest.raises(ValueError, match="one image or more"):
        search(filled, [])


def test_a_descriptor_may_come_from_a_file(filled: Collection, tmp_path: Path) -> None:
    vector = np.random.default_rng(1).standard_normal(DIM)
    np.save(tmp_path / "one.npy", vector[None])
    assert search(filled, tmp_path / "one.npy", k=5).hits == search(filled, vector, k=5).hits
    (tmp_path / "bad.npy").write_bytes(b"x")
    np.save(tmp_path / "short.npy", vector[:5])
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    for name in ("bad", "short", "objects", "none"):
        with pytest.raises(SourceError, match=rf"{name}\.npy"):
            search(filled, tmp_path / f"{name}.npy")
    with pytest.raises(SourceError, match="no pixels to draw a box on"):
        search(filled, Part(tmp_path / "one.npy", box=(0, 0, 1, 1)))


@pytest.fixture
def photos(tmp_path: Path, picture: WritePicture, encoder: Encoder) -> Collection:
    for i in range(8):
        picture(tmp_path / "photos" / f"{i}.png", i, (16, 16))
    collection = Collection.open(tmp_path / "photos.podoba", create=True)
    index_sources(collection, [open_source(tmp_path / "photos")], encoder)
    return collection


def test_what_has_no_end_is_no_query(photos: Collection, tmp_path: Path, encoder: Encoder) -> None:
    for name in ("pipe.jpg", "pipe.npy"):
        os.mkfifo(tmp_path / name)
    for name in ("zero.jpg", "zero.npy"):
        (tmp_path / name).symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        with pytest.raises(UnreadableImage, match=rf"{name}\.jpg: a (pipe|device), no file that can be read"):
            search(photos, tmp_path / f"{name}.jpg", encoder=encoder)
        with pytest.raises(SourceError, match=rf"{name}\.npy: no descriptor can be read .*, no file that can be read"):
            search(photos, tmp_path / f"{name}.npy", encoder=encoder)


def test_a_box_asks_with_a_part_of_the_picture(photos: Collection, tmp_path: Path, encoder: Encoder) -> None:
    wide = Image.new("RGB", (48, 16), "grey")
    wide.paste(Image.open(tmp_path / "photos" / "5.png"), (32, 0))
    wide.save(tmp_path / "wide.png")
    boxed = search(photos, Part(tmp_path / "wide.png", box=(32, 0, 16, 16)), encoder=encoder, k=1)
    assert boxed.hits[0].uri.endswith("/5.png")
    assert boxed.hits[0].similarity == pytest.approx(1, abs=1e-5)
    over = search(photos, Part(tmp_path / "wide.png", box=(32, -5, 999, 999)), encoder=encoder, k=1)  # as much as lies inside
    assert over.hits[0].similarity == pytest.approx(1, abs=1e-5)
    with pytest.raises(SourceError, match="lies outside: the image has 48x16"):
        search(photos, Part(tmp_path / "wide.png", box=(48, 0, 5, 5)), encoder=encoder)
    item = photos.items()[2]
    of_item = search(photos, Part(f"id:{item.id}", box=(0, 0, 16, 16)), encoder=encoder, k=1)
    assert of_item.hits[0].id == item.id  # a part of an item may find it


def test_a_picture_in_memory_asks_as_its_file_does(photos: Collection, tmp_path: Path, encoder: Encoder) -> None:
    path = Path(photos.items()[0].uri)
    picture = Image.open(path)
    for part, box in ((str(path), None), (str(path), (1, 2, 5, 6))):
        expected = search(photos, Part(part, box=box), encoder=encoder, with_itself=True).hits
        for image in (picture, np.asarray(picture)):
            found = search(photos, Part(image, box=box), encoder=encoder)
            assert found.hits == expected
            assert (found.query_uris, found.query.partition("[")[0]) == ([], "picture")
    photos.mark(picture, wrong=[photos.items()[1].id], encoder=encoder)
    assert photos.key_of(picture) == photos.key_of(np.asarray(picture)) == photos.marks()[0].query
    assert photos.items()[1].id not in {hit.id for hit in search(photos, picture, encoder=encoder, feedback="rocchio")}
    with pytest.raises(ValueError, match=r"uint8 \(H, W, 3\), RGB; this is \(4, 4, 4\)"):
        search(photos, np.zeros((4, 4, 4), dtype=np.uint8), encoder=encoder)
    for strange in (None, 5, [path, 5]):
        with pytest.raises(
            TypeError, match="a query is a path, id:ID, text:WORDS, a picture, a descriptor, a Part, or a list of these"
        ):
            search(photos, strange, encoder=encoder)  # type: ignore[arg-type]


def test_a_picture_without_a_descriptor_cannot_be_asked_with(
    tmp_path: Path, half_blind: Encoder, grey: Callable[[Path], Path], picture: WritePicture
) -> None:
    for i in range(3):
        picture(tmp_path / "photos" / f"{i}.png", i)
    path = grey(tmp_path / "grey.png")
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        index_sources(collection, [open_source(tmp_path / "photos")], half_blind)
        for query in (
            path,
            str(path),
            Image.open(path),
            Part(str(path), None, (1, 1, 4, 4)),
            [tmp_path / "photos" / "0.png", path],
        ):
            with pytest.raises(UnreadableImage, match="the model gives no descriptor of it"):
                search(collection, query, encoder=half_blind)


def test_a_described_image_asks_as_its_file_does(photos: Collection, tmp_path: Path, encoder: Encoder) -> None:
    path = next(iter(photos.items())).uri
    data = Path(path).read_bytes()
    content = hashlib.sha256(data).hexdigest()
    other = next(item for item in photos.items() if item.uri != path)
    for box in (None, (1.0, 2.0, 6.0, 5.0)):
        pixels = decode_pixels(data, "x", encoder.card.pixels, box).pixels
        sent = Part(DescribedImage(encoder.encode(pixels[None])[0], content, "mine.png"), None, box)
        same = Part(path, None, box)
        found, expected = (photos.search(part, encoder=encoder, k=5) for part in (sent, same))
        assert (found.hits, found.itself) == (expected.hits, expected.itself)
        assert bool(found.itself) is (box is None)
        assert found.query == ("mine.png" if box is None else "mine.png[1,2,6,5]")
        assert photos.key_of(sent) == photos.key_of(same)
        photos.mark(sent, right=[other.id], encoder=encoder)
        assert photos.search(same, encoder=encoder, feedback="linear-probe").marks == 1
        photos.forget()


def test_a_described_image_of_another_model_is_refused(photos: Collection) -> None:
    with pytest.raises(ValueError, match="a descriptor must be"):
        photos.search(DescribedImage(np.ones(3, dtype=np.float32), "0" * 64))
