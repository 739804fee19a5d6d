"""Collections in a vector database: Milvus."""
