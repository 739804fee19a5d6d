"""The bodies of requests, which are checked by these, and of answers, which are only described by them."""

from typing import Annotated, Any, Literal, Self

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from podoba.images.decode import Box
from podoba.models.text import plain_text
from podoba.serve.queries.settings import DEFAULT

Reranking = Literal["query-expansion", "k-reciprocal", "whitening", "database-augmentation", "exemplar"]
Feedback = Literal["rocchio", "linear-probe"]
SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # an example
SOURCES = ("item", "text", "upload", "descriptor", "image")
Id = Annotated[str, Field(max_length=200)]
Where = Annotated[str, Field(max_length=10_000, examples=["label == 'cat' and width > 1000"])]


class Strict(BaseModel):
    """A body in which nothing may stand that is not described."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)


class QueryPart(Strict):
    """One picture of a query, or words: exactly one of `item`, `text`, `upload`, `descriptor` and `image`."""

    item: Id | None = Field(None, description="Id of an item.", examples=["0123456789abcdef"])
    text: str | None = Field(None, max_length=1000, description="Words, where the model knows them.")
    upload: str | None = Field(None, pattern="^[0-9a-f]{64}$", description="The sha256 that `POST /uploads` answered.")
    descriptor: str | None = Field(None, max_length=100_000, description="base64url of float16, little endian, of an answer.")
    image: int | None = Field(None, ge=0, lt=DEFAULT.parts, description="Number of a file of this form: `image_0`, ...")
    weight: float | None = Field(None, gt=0, le=1000, description="How much it counts; usually 1, and 0.25 of what is unwanted.")
    box: tuple[float, float, float, float] | None = Field(
        None, description="Left, top, width and height in pixels of the upright picture.", examples=[[120, 80, 300, 200]]
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in SOURCES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a part has exactly one of {', '.join(SOURCES)}; this one has {', '.join(given) or 'none'}")
        if self.text is not None:
            plain_text(self.text)
        if self.box is not None and (self.text is not None or self.descriptor is not None):
            raise ValueError("only a picture can have a box")
        if self.box is not None and (self.box[2] <= 0 or self.box[3] <= 0 or max(map(abs, self.box)) > 1e9):
            raise ValueError("a box has a width and a height")
        return self

    @property
    def area(self) -> Box | None:
        """The box as floats."""
        return None if self.box is None else (float(self.box[0]), float(self.box[1]), float(self.box[2]), float(self.box[3]))


class SearchBody(Strict):
    """A search: what is wanted, what is not, and how the results are chosen."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"query": [{"item": "0123456789abcdef"}], "k": 60, "min_probability": 0.5},
                {
                    "query": [{"upload": SHA256, "box": [0, 0, 200, 100]}],
                    "not": [{"item": "0123456789abcdef", "weight": 0.3}],
                    "where": "width > 1000",
                },
            ]
        }
    )  # fmt: skip

    query: list[QueryPart] = Field(min_length=1, max_length=DEFAULT.parts)
    unwanted: list[QueryPart] = Field([], alias="not", max_length=DEFAULT.parts)
    k: int = Field(DEFAULT.page, ge=1, le=1000, description="Results at most.")
    page: int = Field(DEFAULT.page, ge=1, le=1000, description="Results of one answer; further ones are asked for by `next`.")
    where: Where | None = None
    min_probability: float | None = Field(None, ge=0, le=1)
    min_score: float | None = Field(None, ge=-1000, le=1000)
    diversity: float = Field(0.0, ge=0, le=1)
    rerank: Reranking | None = None
    feedback: Feedback | None = None
    with_itself: bool = False
    exact: bool = Field(False, description="Compare every item, also where the collection is large and has an index.")


class MarksBody(Strict):
    """What is right and wrong as an answer to a query, and perhaps a search that learns from it at once."""

    query: QueryPart
    right: list[Id] = Field([], max_length=1000)
    wrong: list[Id] = Field([], max_length=1000)
    clear: list[Id] = Field([], max_length=1000, description="Items whose marks are forgotten.")
    search: SearchBody | None = None


def parsed(model: type[Strict], data: bytes | str) -> Any:
    """A body. Raises `RequestValidationError`, which becomes a problem `invalid` with the places of what is wrong."""
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_context=False, include_input=False)) from error


def schema_of(model: type[Strict]) -> dict[str, Any]:
    """The JSON schema of a body with all its parts in it, as OpenAPI takes it at its place."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})

    def whole(node: Any) -> Any:
        if isinstance(node, list):
            return [whole(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return whole(parts[node["$ref"].rpartition("/")[2]])
        return {key: whole(value) for key, value in node.items()}

    inlined: dict[str, Any] = whole(schema)
    return inlined


class QueryAnswer(BaseModel):
    """A part of a query, with what is known of it."""

    kind: Literal["item", "text", "upload", "descriptor"]
    item: str | None = None
    text: str | None = None
    upload: str | None = None
    name: str | None
    width: int | None
    height: int | None
    weight: float | None
    box: Box | None
    descriptor: str | None = Field(description="base64url of float16, little endian; none of items without a box, and of words.")


class ItemAnswer(BaseModel):
    """An item."""

    id: str
    name: str = Field(description="Of its file.")
    label: str | None
    width: int
    height: int
    format: str
    size: int = Field(description="Bytes.")
    attributes: dict[str, str | float | None]
    uri: str | None = Field(description="Only where the server shows paths.")
    number: int | None = Field(None, description="As in layouts and maps.")


class HitAnswer(BaseModel):
    """An item that was found."""

    id: str
    name: str
    label: str | None
    width: int | None
    height: int | None
    uri: str | None
    rank: int
    similarity: float
    probability: float | None = Field(description="That it is of the query's kind; none for words, and without calibration.")
    score: float | None = Field(description="For words: standard deviations above what is usual in the collection.")


class OwnAnswer(BaseModel):
    """An item that is a picture of the query itself."""

    id: str
    name: str
    label: str | None
    uri: str | None


class NearestAnswer(BaseModel):
    """The nearest item, whatever was asked of its probability or score."""

    similarity: float
    probability: float | None


class PageAnswer(BaseModel):
    """A further page of a result."""

    hits: list[HitAnswer]
    next: str | None = Field(description="Cursor of the next page.")


class SearchAnswer(PageAnswer):
    """A result; it stays as it is under its `query_id`, for an hour after it was last asked for."""

    query_id: str
    query: list[QueryAnswer]
    unwanted: list[QueryAnswer] = Field(alias="not")
    total: int = Field(description="Hits on all pages.")
    exact: bool = Field(description="Whether no better item can have been missed.")
    itself: list[OwnAnswer]
    marks: int | None = Field(description="Marked items that the order was learned from.")
    calibrated: bool = Field(description="Whether the model knows probabilities.")
    words: bool = Field(description="Whether there are words in the query, so that hits have scores.")
    nearest: NearestAnswer | None
    seconds: float


class ItemsAnswer(BaseModel):
    """A page of items."""

    items: list[ItemAnswer]
    total: int


class ItemFacts(ItemAnswer):
    """An item, and where it was found."""

    source: str = Field(description="The last part of its place, unless the server shows paths.")


class UploadAnswer(BaseModel):
    """A picture that was sent."""

    upload: str = Field(description="The sha256 of its bytes.")
    name: str
    width: int
    height: int
    format: str


class MarkAnswer(BaseModel):
    """That an item is right or wrong as an answer to a query."""

    query: str
    asked: str = Field(description="The query in words.")
    id: str | None = Field(description="None where the item has gone.")
    name: str
    right: bool
    made: str = Field(description="UTC.")
    model: str


class MarksAnswer(BaseModel):
    """Marks: all, or those of a query; and the result of the search that was asked for."""

    marks: list[MarkAnswer]
    result: SearchAnswer | None = None


class ValueAnswer(BaseModel):
    """A value and how many items have it."""

    value: str | float
    count: int


class BinAnswer(BaseModel):
    """Numbers from one to another, which is not in it but in the last bin."""

    start: float = Field(alias="from")
    end: float = Field(alias="to")
    count: int


class FacetAnswer(BaseModel):
    """A property of items, counted."""

    name: str = Field(description="As a filter calls it.")
    kind: Literal["values", "numbers"]
    values: list[ValueAnswer] = Field(description="The most frequent first; of numbers only where they are few.")
    missing: int
    min: float | None
    max: float | None
    bins: list[BinAnswer]
    distinct: int


class FacetsAnswer(BaseModel):
    """Facets of the items of a filter."""

    facets: list[FacetAnswer]
