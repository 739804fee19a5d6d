"""What is known of published models: how their names are written, how repositories are laid out, which have short names."""
