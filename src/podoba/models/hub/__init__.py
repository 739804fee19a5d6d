"""Published models: fetched from the hub where people publish them, checked, and made into model files."""
