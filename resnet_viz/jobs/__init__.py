"""Runs outside the web server: daemon, fork server, workers."""
