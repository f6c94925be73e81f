"""The net written out: its layers in running order, with names and shapes."""
