"""A plan as a picture: nodes, edges, Graphviz text."""
