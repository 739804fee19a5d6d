"""Models, two of them side by side, and studies, as the page shows them."""
