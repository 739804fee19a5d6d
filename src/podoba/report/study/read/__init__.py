"""What a study folder holds, and what is measured of it."""
