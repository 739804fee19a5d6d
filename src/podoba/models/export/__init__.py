"""Model files of ours as other programs take them."""
