"""Errors whose text is a message to the user."""


class Refusal(ValueError):
    """Request that cannot be met. Its text is one or two whole sentences with what was given and what is allowed.

    Raised where the value enters; pages show the text as it is, the command line prints it and exits with status 2.
    """


class Cancelled(Exception):
    """Raised by the `tick` of a computation that nobody waits for any more."""


class SpecError(Refusal):
    """Network that cannot exist, or an unknown name or value in its description."""


class SceneError(Refusal):
    """Scene of a lecture that does not exist, or a file that is none; the message names file and line."""


class BudgetError(Refusal):
    """Network or run beyond a stated budget; refused before any memory is taken."""


class DataError(Refusal):
    """Data set that is missing, truncated or not what its checksum says."""


class DeviceError(Refusal):
    """Named device that this machine does not have."""


class QueueError(Refusal):
    """Run or query that cannot be taken now, as the queue is full or its owner has too many."""


class QueueFull(QueueError):
    """Run that the queue takes as soon as it has room for one more."""


class RoomError(Refusal):
    """Room of a lecture that does not exist, is full, or does not take what was sent."""
