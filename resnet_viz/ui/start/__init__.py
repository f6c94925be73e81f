"""Start page: figures, and questions for a lecture."""
