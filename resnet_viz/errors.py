"""What the person at the screen is told when something they asked for cannot be."""


class Refusal(ValueError):
    """A request that cannot be met. Its text is one or two whole sentences that say what is allowed instead.

    Raised where the value enters; pages show the text as it is, the command line prints it and exits with status 2.
    """


class Cancelled(Exception):
    """Raised by the `tick` of a computation that nobody waits for any more."""


class SpecError(Refusal):
    """A network that cannot exist, or an unknown name or value in its description."""


class BudgetError(Refusal):
    """A net or a run beyond a stated budget; refused before any memory is taken."""


class DataError(Refusal):
    """A data set that is missing, truncated or not what its checksum says."""


class DeviceError(Refusal):
    """A named device that this machine does not have."""


class QueueError(Refusal):
    """A run that cannot be taken now (queue full, one run at a time)."""
