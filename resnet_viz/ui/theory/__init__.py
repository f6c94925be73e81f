"""Controls and views of the theory page."""
