"""Names of the commands of the shell, as its help lists them."""

COMMANDS = (
    "describe",
    "graph",
    "code",
    "export",
    "which",
    "published",
    "gradients",
    "lesion",
    "train",
    "runs",
    "scene",
    "completion",
    "app",
)
