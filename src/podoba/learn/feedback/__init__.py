"""Learning from marks."""
