"""Files of weights: their formats and limits, what they hold, and their keys. Nothing here loads torch."""
