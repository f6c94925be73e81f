"""Nets of files and downloads: read, identified, with a guess of their preprocessing."""
