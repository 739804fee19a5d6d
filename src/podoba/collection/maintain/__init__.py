"""Checking a collection and repairing it."""
