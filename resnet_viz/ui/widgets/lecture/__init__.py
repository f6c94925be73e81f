"""What the page of scenes and the pages that a scene opens share: the way through a lecture, and its component."""
