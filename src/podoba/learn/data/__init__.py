"""From image sources to batches."""
