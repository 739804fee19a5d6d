"""Searching and looking: uploads, descriptors, answers that stay as they were, and the pictures of items."""
