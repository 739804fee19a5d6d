"""Pictures are decoded in processes of their own, which may fail: limited in memory and time, and remade."""
