"""Remote addresses as sources of images."""
