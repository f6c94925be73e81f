"""Questions of scenes whose outcome an instrument measures: made from the address that the scene opens."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from resnet_viz.i18n import _
from resnet_viz.scenes.outcomes import OutcomeName
from resnet_viz.spec import codec
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.validation import refused, whole_in_range
from resnet_viz.theory import gradients, order_signals, shortcut_factor
from resnet_viz.theory.gradients import bench_net
from resnet_viz.theory.question import Question
from resnet_viz.theory.trained import growth, lesions, paths

_STEPS_OF_FACTOR: Final = 20  # of the slider, to 1
_DEPTH: Final = "56"
_DEEPEST: Final = 110  # of the nets that the page measures without being asked twice
_NETS: Final = ("plain", "a_original", "e_full_preact")  # of the gradients page at an empty address
_FIXED: Final[Mapping[OutcomeName, Question]] = {
    OutcomeName.CONSTRUCTION: growth.DEFAULT,
    OutcomeName.LARGEST_MEAN: order_signals.DEFAULT,
    OutcomeName.GRADIENT_AFTER_STEPS: gradients.DEFAULT_STEPS,
    OutcomeName.DELETED_BLOCK: lesions.DEFAULTS[2],
    OutcomeName.PATH_LENGTH: paths.DEFAULT,
}


def question_of(outcome: OutcomeName, query: Mapping[str, str]) -> Question | None:
    """Returns the question that the opened page asks; None for an outcome that no instrument measures.

    Raises:
        SpecError: a value of the address that the page would not take.
    """
    match outcome:
        case OutcomeName.SHORTCUT_FACTOR:
            usual = shortcut_factor.DEFAULT
            return replace(usual, value=_factor(query.get("value", str(usual.value))))
        case OutcomeName.GRADIENT_AT_BIRTH:
            depth = whole_in_range("depth", codec.whole_of(query.get("depth", _DEPTH)), gradients.DEPTHS[0], _DEEPEST)
            nets = tuple(bench_net(name, depth=depth, norm=norm) for name in _NETS for norm in (Norm.BATCH, Norm.NONE))
            return replace(gradients.DEFAULT, nets=nets)
        case _:
            return _FIXED.get(outcome)


def _factor(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (shortcut_factor.LEAST <= value <= shortcut_factor.MOST) or value * _STEPS_OF_FACTOR % 1:
        allowed = _("a factor from {least} to {most} in steps of 0.05")
        raise refused("value", allowed.format(least=shortcut_factor.LEAST, most=shortcut_factor.MOST), text)
    return value
