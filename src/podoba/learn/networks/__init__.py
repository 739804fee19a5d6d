"""Backbones, heads and the descriptor network."""
