"""Presentation of a page on a projector: what it hides, and how large its type is."""
