"""Figures, tables and messages of the gradients page."""
