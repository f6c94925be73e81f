"""Drawings of plans: boxes, arrows, Graphviz text."""
