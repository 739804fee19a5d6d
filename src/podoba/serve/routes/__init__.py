"""The addresses that are answered, a thin module for each subject."""
