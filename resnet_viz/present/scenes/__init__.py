"""Guesses, outcomes and bands of a class as values for the screen."""
