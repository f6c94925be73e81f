"""Weights that people bring: their files, the names of their tensors, the nets that they can belong to. No torch."""
