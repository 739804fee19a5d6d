"""What lies on a server and is no collection of ours, or of a later version."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from podoba.errors import CollectionError
from podoba.scale.vectors.address import parse_address
from podoba.scale.vectors.open import open_vectors, remove_vectors

pytestmark = pytest.mark.scale


@pytest.mark.parametrize(("properties", "says"), [({}, "of another program"), ({"podoba.schema": "99"}, "by a newer podoba")])
def test_others_are_left_alone(new_address: Callable[[], str], properties: dict[str, str], says: str) -> None:
    from pymilvus import DataType, MilvusClient

    address = parse_address(new_address())
    client = MilvusClient(uri=address.server)
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    client.create_collection(address.collection, schema=schema, properties=properties)
    for act in (open_vectors, remove_vectors):
        with pytest.raises(CollectionError, match=says):
            act(str(address))
    assert client.has_collection(address.collection)
    client.drop_collection(address.collection)
    client.close()
