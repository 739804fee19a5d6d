"""The review of duplicates: what was found, what a person decides of it, and what becomes of the files."""
