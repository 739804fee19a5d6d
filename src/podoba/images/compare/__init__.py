"""Whether pictures show the same: pure functions of pixel arrays."""
