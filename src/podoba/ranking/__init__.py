"""Nearest neighbours and better orders of them: pure functions of arrays."""
