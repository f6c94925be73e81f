"""What the real preload does first, without torch: the fork server ends with its daemon, and workers with it.

Without it a worker that is stopped (SIGSTOP) when its daemon dies notices nothing and keeps the fork server alive.
"""

from resnet_viz.jobs import limits

limits.die_with_parent()
