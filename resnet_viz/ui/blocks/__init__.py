"""Controls and views of the blocks page."""
