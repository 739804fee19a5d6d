"""From a query to its results."""
