"""What follows from the measurements."""
