"""The page and the API of `podoba serve`: search, browse, review and correct in a browser."""
