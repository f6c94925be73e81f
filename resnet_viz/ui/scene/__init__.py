"""Scenes of a lecture on the projector and on the phones of a class."""
