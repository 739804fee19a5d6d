"""Figures of a run, an evaluation and a search."""
