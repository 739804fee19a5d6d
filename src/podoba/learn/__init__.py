"""Training of descriptors (needs the `train` extra)."""
