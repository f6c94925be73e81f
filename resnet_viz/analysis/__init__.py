"""Exact figures of a plan: parameters, MACs, memory, receptive fields."""
