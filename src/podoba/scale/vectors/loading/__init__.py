"""A folder of shards into a vector database."""
