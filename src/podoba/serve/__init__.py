"""The page and the API of collections: `podoba serve`."""
