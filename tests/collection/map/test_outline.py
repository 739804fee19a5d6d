"""A map in words and tables."""

import csv
import io

from podoba.collection.collection import Collection
from podoba.collection.map.make import make_map
from podoba.collection.map.outline import outline, title


def test_every_item_has_its_place_and_its_cluster(filled: Collection) -> None:
    found = outline(filled.index, make_map(filled.index, "pca"))
    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert {row["id"] for row in rows} == {item.id for item in filled.items()}
    sizes = {cluster.number: cluster.size for cluster in found.clusters}
    for number, size in sizes.items():
        assert sum(row["cluster"] == str(number) for row in rows) == size
    assert all(0 <= float(row[axis]) <= 1 for row in rows for axis in "xy")
    by_number = dict(zip(found.map.points.numbers.tolist(), found.names, strict=True))
    assert [by_number[number].id for number in filled.store.items.numbers().tolist()] == [item.id for item in filled.items()]


def test_clusters_in_words(filled: Collection) -> None:
    found = outline(filled.index, make_map(filled.index, "pca"))
    told = found.to_json()
    assert (told["layout"], told["points"], told["missing"]) == ("pca", 60, 0)
    labels = {item.id: item.label for item in filled.items()}
    for cluster, of in zip(found.clusters, told["clusters"], strict=True):
        members = [name for name, number in zip(found.names, found.of, strict=True) if number == cluster.number]
        assert of["size"] == len(members)
        assert set(of["items"]) <= {name.id for name in members}
        assert of["share"] == round(sum(labels[name.id] == of["label"] for name in members) / len(members), 4)
        assert title(cluster).startswith(f"{cluster.number}: {len(members)} images, {of['share']:.0%} ")
