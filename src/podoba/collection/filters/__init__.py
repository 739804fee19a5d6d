"""A small language to choose items by, such as `label == "cat" and width > 1000`: read once, said in each store's words."""
