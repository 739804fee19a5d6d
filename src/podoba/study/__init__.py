"""A grid of trainings: planned, run, gathered."""
