"""Controls and views of the gradients page."""
