"""Beyond one machine: shards of images encoded anywhere, descriptors in a vector database; the extra `podoba[scale]`."""
