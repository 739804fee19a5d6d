"""Collections into other forms and back."""
