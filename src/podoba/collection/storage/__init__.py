"""A collection's SQLite file: items, descriptors, marks and models."""
