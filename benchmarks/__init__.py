"""What is measured, never asserted: each module has a main() that prints a table and writes results/<name>.json."""
