"""A plan as a torch module."""
