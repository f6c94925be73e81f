"""Widgets that several pages use, and what they share: messages, cache, address."""
