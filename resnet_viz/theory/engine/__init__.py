"""Instruments that need torch: generators of records."""
