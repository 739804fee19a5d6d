"""Images, descriptors and attributes that live on disk, and the search among them."""
