"""Lines of formulas over the measured curves, each with its formula and source."""

from collections.abc import Iterable, Iterator
from math import isfinite
from typing import NamedTuple

from resnet_viz.i18n import _
from resnet_viz.present.gradients.curves import NetCurve, View
from resnet_viz.present.gradients.nets import BenchNet
from resnet_viz.spec.enums import Init
from resnet_viz.theory.gradient_lines import (
    SIGNAL_SOURCE,
    GradientLaw,
    branch_to_shortcut,
    gradient_law,
    gradient_line,
    is_signal_counted,
    signal_std,
)


class TheoryLine(NamedTuple):
    """Line of a formula over the curve of one net.

    Attributes:
        net: the net that it holds for.
        formula: in words of mathematics.
        source: paper and place, or "derived"; then the reason.
        xs: on the axis of blocks.
        ys: of the quantity.
        law: of the growth of the gradient; None for a formula of the signal.
    """

    net: BenchNet
    formula: str
    source: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    law: GradientLaw | None = None

    def title(self, *, is_short: bool = False) -> str:
        """Returns the formula for the legend, with its paper and place unless `is_short`."""
        return self.formula if is_short else f"{self.formula} ({self.source.partition(':')[0]})"


def theory_lines(curves: Iterable[NetCurve], init: Init, view: View) -> tuple[TheoryLine, ...]:
    """Returns the lines of the nets for which there is a formula of this quantity.

    Those of gradients begin at the measured norm of the last block, for they say only how it grows from there.
    """
    return tuple(line for curve in curves for line in _lines(curve, init, view))


def source_messages(lines: Iterable[TheoryLine]) -> list[str]:
    """Returns the formula and the whole source of each kind of line."""
    text = _("Dashed: {formula}. {source}.")
    return list(dict.fromkeys(text.format(formula=line.formula, source=line.source) for line in lines))


def _lines(curve: NetCurve, init: Init, view: View) -> Iterator[TheoryLine]:
    spec, last = curve.net.spec, curve.places[-1].mean
    xs = tuple(place.x for place in curve.places)
    match view:
        case View.BLOCK:
            law = gradient_law(spec, init)
            if law is not None and isfinite(last):
                per = _("per block") if law.per_block else _("per convolution")
                ys = gradient_line(law, spec, last)
                yield TheoryLine(curve.net, f"× {law.formula} {per}", _(law.source), xs, ys, law)
        case View.STD if is_signal_counted(spec):
            yield TheoryLine(curve.net, _("√l at block l of a stage"), _(SIGNAL_SOURCE), xs, signal_std(spec))
        case View.SHARE if is_signal_counted(spec):
            yield TheoryLine(curve.net, _("1/l at block l of a stage"), _(SIGNAL_SOURCE), xs, branch_to_shortcut(spec))
        case _:
            return
