"""From the body of a search to its answer."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

from podoba.arrays import Floats
from podoba.collection.search.query import ITEM, DescribedImage, Part, has_words
from podoba.collection.search.results import Hit, SearchResult
from podoba.collection.search.words import WORDS
from podoba.collection.storage.items import Size
from podoba.serve.bounded import Bounded
from podoba.serve.problems import Problem
from podoba.serve.queries.answers import hit_json, name_of, named_json
from podoba.serve.queries.bodies import QueryPart, SearchBody
from podoba.serve.queries.describing import Describer, from_short, to_short
from podoba.serve.queries.opened import OpenedCollection
from podoba.serve.queries.pictures import data_of
from podoba.serve.queries.settings import QuerySettings
from podoba.serve.queries.uploads import Upload, Uploads, shown_name

SentFile = tuple[str, bytes]
"""Name and bytes of a file of a form."""


@dataclass(frozen=True)
class Known:
    """A part of a query as the collection takes it, and what is answered of it."""

    part: Part
    answer: dict[str, Any]


HitRow = tuple[int, str, str, str | None, float, float | None, float | None]


@dataclass(frozen=True)
class Frozen:
    """A result as it was found, of which pages are asked later.

    Kept as tuples of plain values, of which the collector of garbage soon keeps no account: it would go through the hits of
    all answers again and again.

    Attributes:
        collection: its name.
        page: hits of a page.
        rows: the fields of each hit, in their order.
        sizes: width and height of each.
        rest: the result without its hits.
    """

    collection: str
    page: int
    rows: tuple[HitRow, ...]
    sizes: tuple[Size, ...]
    rest: SearchResult

    @classmethod
    def of(cls, collection: str, result: SearchResult, page: int) -> Self:
        """A result, frozen."""
        rows = tuple((h.rank, h.id, h.uri, h.label, h.similarity, h.probability, h.score) for h in result.hits)
        return cls(collection, page, rows, tuple(result.sizes), replace(result, hits=[], sizes=[]))

    def result(self) -> SearchResult:
        """The whole as it was found."""
        return replace(self.rest, hits=[Hit(*row) for row in self.rows], sizes=list(self.sizes))

    def hits(self, start: int, show_paths: bool) -> list[dict[str, Any]]:
        """A page of hits as they are answered."""
        chosen = slice(start, start + self.page)
        return [hit_json(Hit(*row), size, show_paths) for row, size in zip(self.rows[chosen], self.sizes[chosen], strict=True)]

    def cursor(self, start: int) -> str | None:
        """The cursor of the page that begins here; None where there is none."""
        return str(start) if start < len(self.rows) else None


class Searches:
    """Searches in served collections; threads share it."""

    def __init__(self, uploads: Uploads, describer: Describer, settings: QuerySettings) -> None:
        self.uploads, self.describer = uploads, describer
        self._frozen: Bounded[str, Frozen] = Bounded(
            settings.result_hits, lambda one: len(one.rows) + 10, settings.result_seconds
        )

    def search(
        self, opened: OpenedCollection, body: SearchBody, images: Sequence[SentFile] = (), *, show_paths: bool = False
    ) -> dict[str, Any]:
        """The answer to a search.

        Args:
            images: the files of its form, in the order of their numbers; they are kept as uploads.

        Raises:
            Problem: a picture, an upload or a box that cannot be used; what the model does not know.
            PodobaError: as `Collection.search`.
        """
        with opened.collection.store.snapshot():
            return self._search(opened, body, images, show_paths)

    def _search(self, opened: OpenedCollection, body: SearchBody, images: Sequence[SentFile], show_paths: bool) -> dict[str, Any]:
        wanted = [self.known(opened, part, images) for part in body.query]
        refused = [self.known(opened, part, images) for part in body.unwanted]
        parts, unwanted = [one.part for one in wanted], [one.part for one in refused]
        words = has_words([*parts, *unwanted])
        calibrated = _check(opened, body, words=words)
        find = partial(
            opened.collection.search, parts, unwanted=unwanted, where=body.where, feedback=body.feedback,
            with_itself=body.with_itself, exact=body.exact,
            encoder=self.describer.encoder(opened.collection) if words else None,
        )  # fmt: skip
        result = find(
            k=body.k, min_probability=body.min_probability, min_score=body.min_score, diversity=body.diversity, rerank=body.rerank
        )
        query_id = secrets.token_urlsafe(12)
        frozen = Frozen.of(opened.name, result, body.page)
        self._frozen.put(query_id, frozen)
        nearest = max(result.hits or find(k=1).hits, key=lambda hit: hit.similarity, default=None)
        return {
            "query_id": query_id,
            "query": [one.answer for one in wanted],
            "not": [one.answer for one in refused],
            "hits": frozen.hits(0, show_paths),
            "total": len(result.hits),
            "next": frozen.cursor(body.page),
            "exact": result.exact,
            "itself": [named_json(name, show_paths) for name in result.itself],
            "marks": result.marks,
            "calibrated": calibrated,
            "words": words,
            "nearest": None if nearest is None else {"similarity": nearest.similarity, "probability": nearest.probability},
            "seconds": round(result.seconds, 6),
        }

    def page(self, opened: OpenedCollection, query_id: str, cursor: str, *, show_paths: bool = False) -> dict[str, Any]:
        """A further page of an answer. Raises `Problem`: 410 where it is gone, 422 for no cursor of ours."""
        frozen = self.frozen(opened, query_id)
        if not cursor.isdecimal() or len(cursor) > 9:
            raise Problem(422, "wrong_cursor", "a cursor is what an answer named as `next`")
        start = int(cursor)
        return {"hits": frozen.hits(start, show_paths), "next": frozen.cursor(start + frozen.page)}

    def frozen(self, opened: OpenedCollection, query_id: str) -> Frozen:
        """An answer as it was found. Raises `Problem` 410 where it is gone."""
        frozen = self._frozen.get(query_id)
        if frozen is None or frozen.collection != opened.name:
            raise Problem(410, "result_gone", "this result was found too long ago and is gone: search again")
        return frozen

    def known(self, opened: OpenedCollection, asked: QueryPart, images: Sequence[SentFile] = ()) -> Known:
        """A part of a query as the collection takes it. Raises as `search`."""
        answer: dict[str, Any] = {"name": None, "width": None, "height": None, "weight": asked.weight, "box": asked.box}
        if asked.text is not None:
            words = {"kind": "text", "text": asked.text, **answer, "descriptor": None}
            return Known(Part(WORDS + asked.text, asked.weight), words)
        if asked.descriptor is not None:
            descriptor = from_short(asked.descriptor, opened.collection.store.models.dim)
            given = {"kind": "descriptor", **answer, "descriptor": asked.descriptor.rstrip("=")}
            return Known(Part(descriptor, asked.weight), given)
        if asked.item is not None:
            return self._item(opened, asked, asked.item, answer)
        if asked.image is None:
            upload = self.uploads.get(str(asked.upload))
            described = self.describer.describe(opened.collection, upload.sha256, lambda: upload.data, asked.area)
            return self._upload(asked, upload, described.descriptor, answer)
        if asked.image >= len(images):
            raise Problem(422, "missing_image", f"the form has no file image_{asked.image}")
        name, data = images[asked.image]
        sha256 = hashlib.sha256(data).hexdigest()
        described = self.describer.describe(opened.collection, sha256, lambda: data, asked.area)
        upload = self.uploads.keep(Upload(sha256, data, shown_name(name), described.width, described.height, described.format))
        return self._upload(asked, upload, described.descriptor, answer)

    def _item(self, opened: OpenedCollection, asked: QueryPart, id_: str, answer: dict[str, Any]) -> Known:
        item = opened.collection.item(id_)
        name = name_of(item.uri)
        facts = {"kind": "item", "item": id_, **answer, "name": name, "width": item.width, "height": item.height}
        if asked.area is None:
            return Known(Part(ITEM + id_, asked.weight), facts | {"descriptor": None})
        described = self.describer.describe(opened.collection, item.picture, lambda: data_of(item), asked.area, indexed=True)
        return self._described(asked, item.picture, name, described.descriptor, facts)

    def _upload(self, asked: QueryPart, upload: Upload, descriptor: Floats, answer: dict[str, Any]) -> Known:
        size = {"width": upload.width, "height": upload.height}
        facts = {"kind": "upload", "upload": upload.sha256, **answer, "name": upload.name, **size}
        return self._described(asked, upload.sha256, upload.name or "picture", descriptor, facts)

    @staticmethod
    def _described(asked: QueryPart, picture: str, name: str, descriptor: Floats, facts: dict[str, Any]) -> Known:
        part = Part(DescribedImage(descriptor, picture, name), asked.weight, asked.area)
        return Known(part, facts | {"descriptor": to_short(descriptor)})


def without_paths(result: SearchResult) -> SearchResult:
    """The same with the names of files in the place of their places."""
    return replace(
        result,
        hits=[replace(hit, uri=name_of(hit.uri)) for hit in result.hits],
        itself=[name._replace(uri=name_of(name.uri)) for name in result.itself],
        query_uris=[name_of(uri) for uri in result.query_uris],
    )


def _check(opened: OpenedCollection, body: SearchBody, *, words: bool) -> bool:
    """Whether the collection's model is calibrated. Raises `Problem` for what it cannot be asked."""
    card = opened.collection.card
    if card is None or not len(opened.collection):
        raise Problem(409, "empty_collection", "this collection has no pictures yet: index a folder first")
    calibrated = card.calibration is not None
    if words and not opened.words:
        raise Problem(422, "no_words", "the model of this collection knows no words: ask with pictures")
    if body.min_probability is not None and words:
        raise Problem(422, "no_probability", "words have no probability: ask for a score")
    if body.min_probability is not None and not calibrated:
        raise Problem(422, "no_probability", "the model of this collection was never calibrated, so it knows no probability")
    if body.min_score is not None and not words:
        raise Problem(422, "no_score", "pictures alone have no score: ask for a probability")
    return calibrated
