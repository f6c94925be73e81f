"""What torch saves, as the bytes that a person would send."""

import io
from typing import Any


def saved(value: Any) -> bytes:
    """The content of a file of `torch.save`."""
    import torch  # tests of pages import this module, and load torch only where they run

    content = io.BytesIO()
    torch.save(value, content)
    return content.getvalue()
