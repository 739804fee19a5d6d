"""Commands on collections."""
