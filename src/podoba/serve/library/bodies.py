"""The bodies of requests about models."""

from pydantic import Field

from podoba.serve.library.settings import DEFAULT
from podoba.serve.queries.bodies import QueryPart, Strict
from podoba.serve.queries.settings import DEFAULT as QUERIES


class ModelBody(Strict):
    """A model by the name under which it is listed."""

    model: str = Field(max_length=400, examples=["small"])


class ComparisonBody(Strict):
    """One query in two collections, whose models are compared by what they find."""

    a: str = Field(max_length=255, description="Name of a collection.", examples=["photos"])
    b: str = Field(max_length=255, description="Name of another, of the same pictures.", examples=["photos-2"])
    query: list[QueryPart] = Field(
        min_length=1,
        max_length=QUERIES.parts,
        description="An item may be one of either; no `descriptor` and no `image`.",
    )
    unwanted: list[QueryPart] = Field([], alias="not", max_length=QUERIES.parts)
    k: int = Field(20, ge=1, le=DEFAULT.depth, description="Results of each.")
