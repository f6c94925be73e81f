"""Imported first by the fork server: the workers that it forks end with it. Not for any other process."""

from resnet_viz.jobs import limits

limits.bind_children()
