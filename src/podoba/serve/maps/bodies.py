"""What the API answers about maps, as its description says it."""

from typing import Literal

from pydantic import BaseModel, Field

from podoba.collection.map.points import Layout


class MapState(BaseModel):
    """What a map was made of, and what could be made."""

    layout: Layout
    items: int = Field(description="Of the collection.")
    points: int = Field(description="Items that are on the map.")
    fitted: int = Field(description="Items that the layout was fitted to; the others were placed by their neighbours.")
    since: int = Field(description="Items that came since it was made, and were placed by their neighbours.")
    missing: int = Field(description="Items that came since and are not on it.")
    explained: float | None = Field(description="Share of the differences that PCA shows; null for UMAP.", examples=[0.21])
    umap: bool = Field(description="Whether there is a map by UMAP.")
    extra: bool = Field(description="Whether one can be made here.")


class LegendEntry(BaseModel):
    """What a code means: a value, the number of a group, or a range of numbers."""

    value: str | int | None = Field(None, examples=["cat"])
    from_: float | None = Field(None, alias="from")
    to: float | None = None
    count: int


class Legend(BaseModel):
    """What the codes of a colouring mean, from 1 on; 0 is what is not known."""

    by: str
    kind: Literal["values", "numbers", "clusters"]
    entries: list[LegendEntry]
    others: int = Field(description="Rarer values, which share one further code.")
    missing: int = Field(description="Items of which it is not known.")


class Landmarks(BaseModel):
    """The items that stand for parts of a map."""

    positions: list[int] = Field(description="In the order of the map, the most important first.")


class ClusterItem(BaseModel):
    """A typical item of a group."""

    id: str
    number: int
    label: str | None


class ClusterFacts(BaseModel):
    """A group of look-alikes."""

    number: int = Field(description="From 1, the largest group first.")
    size: int
    label: str | None = Field(description="The most common label.", examples=["cat"])
    share: float = Field(description="Of the items that have it.")
    items: list[ClusterItem] = Field(description="The most typical, the nearest to the group's centre first.")


class ClusterList(BaseModel):
    """All groups of a collection."""

    clusters: list[ClusterFacts]
