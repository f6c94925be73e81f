"""Blocks page: drawing, equations, facts, walk-through."""
