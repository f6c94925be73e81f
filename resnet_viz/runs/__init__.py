"""The store of runs: queue, records, export. Free of torch."""
