"""Maps of the served collections: points, colours and clusters, kept while nothing changes."""
