"""Files of weights: formats, limits, what they hold and state about themselves. Nothing in one is ever run."""
