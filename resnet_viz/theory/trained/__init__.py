"""Instruments on trained nets: questions and records."""
