"""Find look-alike images with neural descriptors, and find out how to train those descriptors well."""
