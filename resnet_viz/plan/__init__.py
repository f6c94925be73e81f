"""Plans of nets: layers in running order, with names, sections and shapes."""
