"""Queries of the pages to processes with torch: attribution, torchinfo, speed test."""
