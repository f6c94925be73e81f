"""Training with torch: the loop of one net, races of several, what is measured and how it is saved."""
