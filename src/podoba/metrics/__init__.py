"""How good descriptors are: pure functions of arrays."""
