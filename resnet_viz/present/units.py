"""Numbers as text. Exact counts keep every digit; sizes and times are rounded and carry their unit."""

from typing import Final

from resnet_viz.i18n import _, ngettext

_BYTES: Final = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600


def exact(count: int) -> str:
    """Returns a whole number with a comma every three digits."""
    return f"{count:,}"


def bytes_text(size: float) -> str:
    """Returns a size in KiB, MiB or GiB with three significant digits."""
    for unit_bytes, unit in _BYTES:
        if size >= unit_bytes:
            return (
                f"{size / unit_bytes:.3g} {unit}" if size < 1_000 * unit_bytes else f"{size / unit_bytes:,.0f} {unit}"
            )
    return f"{size:.0f} B"


def seconds_text(seconds: float) -> str:
    """Returns a time in words: "less than 1 s", "8 s", "2 min 5 s", "1 h 10 min"."""
    whole = max(0, round(seconds))
    if whole == 0:
        return _("less than 1 s")
    if whole < _MINUTE_S:
        return _("{s} s").format(s=whole)
    if whole < _HOUR_S:
        return _("{min} min {s} s").format(min=whole // _MINUTE_S, s=whole % _MINUTE_S)
    return _("{h} h {min} min").format(h=whole // _HOUR_S, min=whole % _HOUR_S // _MINUTE_S)


def signed_percent(value: float, reference: float) -> str:
    """Returns the relative difference of `value` from `reference` in percent."""
    change = 100.0 * (value - reference) / reference
    return "0 %" if abs(change) < 0.005 else f"{change:+.2f} %"  # noqa: PLR2004 - what two decimals show as zero


def pixels(count: int, across: int | None = None) -> str:
    """Returns a number of pixels, or height and width where they differ: "224 px", "480 × 640 px"."""
    if across is not None and across != count:
        return _("{height} × {width} px").format(height=exact(count), width=exact(across))
    return ngettext("{n} px", "{n} px", count).format(n=exact(count))


def training_memory() -> str:
    """Returns the name on screen of the activations that training keeps for the backward pass."""
    return _("activation memory (training)")


def inference_memory() -> str:
    """Returns the name on screen of the most activations alive at once in a forward pass."""
    return _("peak activation memory (inference)")
