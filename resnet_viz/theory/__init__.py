"""Instruments of the theory: questions, records, formulas. Values and numpy only, torch in `engine`."""
