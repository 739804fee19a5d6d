"""The search among descriptors, exact or approximate, and the files that make it fast."""
