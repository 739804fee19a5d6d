"""Shards into files of descriptors, on as many machines as there are."""
