"""Views of the instruments on trained nets."""
