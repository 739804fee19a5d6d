"""A collection as a map: every item a point, look-alikes near each other."""
