"""Figures, tables and messages of the theory page."""
