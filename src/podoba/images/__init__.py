"""Bytes to RGB pixels, safely; and where images come from."""
