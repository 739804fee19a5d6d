"""Where fetched and computed files are kept, and how they are fetched."""
