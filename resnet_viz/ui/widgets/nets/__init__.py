"""Nets of a page: menu, kept steps, uploads, and what an uploaded net leaves open."""
