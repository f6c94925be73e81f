"""Work outside the web server: training (daemon, fork server, workers) and queries that need torch."""
