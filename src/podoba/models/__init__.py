"""A descriptor model as an artefact: its card, its encoder, and the names by which it is found."""
