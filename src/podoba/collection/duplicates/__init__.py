"""Near-duplicates: found, confirmed, moved."""
