"""Figures and messages of the instruments on trained nets."""
