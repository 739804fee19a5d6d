"""Servers that the tests of `scale` share."""

from tests.scale.servers.milvus import milvus_server

__all__ = ["milvus_server"]
