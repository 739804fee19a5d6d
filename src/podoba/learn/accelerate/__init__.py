"""What makes training and encoding faster on a CPU."""
