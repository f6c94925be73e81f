"""Nets identified by a count of parameters or work, a name or the shapes of a state dict, with each change's cost.

Four nets are all called "ResNet-18": 11,689,512 parameters with 1,000 classes, 11,181,642 with 10, 11,173,962 with the
3×3 stem for CIFAR as well, 11,178,378 in d2l.ai with biases, bare projections and grey images.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from resnet_viz.analysis.count_parts import count_params
from resnet_viz.analysis.count_rounding import neighbours, solve_rounded
from resnet_viz.analysis.count_search import Solution, solve
from resnet_viz.analysis.mac_conventions import MACS, WorkCount
from resnet_viz.analysis.mac_search import find_work
from resnet_viz.analysis.matches import Match, match_of, signed_count
from resnet_viz.analysis.outside_counts import OUTSIDE_COUNTS, outside_text
from resnet_viz.analysis.typed_count import CountKind, TypedCount, is_like_count, read_count
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.codec import format_field
from resnet_viz.spec.presets import (
    Changes,
    differing_fields,
    nearest_preset,
)
from resnet_viz.spec.resolve import meanings
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.identified import Identified
from resnet_viz.weights.identify import IMAGE_SIZES, identify_weights

Clue = int | str | Mapping[str, Sequence[int]]
MOST_ANSWERS: Final = 12
_LESS_LIKELY_BITS: Final = 3.0  # behind the likeliest answer, from which on others are left out
_SURE_BITS: Final = 6.0  # up to which a number is a count of parameters, even if it is some net's work as well
_COINCIDENCE_BITS: Final = 9.0  # from which on a third of all numbers have an answer
_MOST_DIGITS: Final = 12  # a trillion
_LONGEST: Final = 60


def identify_text(text: str) -> tuple[Match, ...]:
    """Returns the nets that fit a typed count of parameters or of work, or a name; at least one, the likeliest first.

    Raises:
        SpecError: none fits; the message names what was tried and the nearest nets, or suggests the nearest names.
    """
    typed = read_count(text)
    if typed is None:
        return _by_name_or_refused_count(text)
    matches = _by_work(typed) if typed.kind is CountKind.WORK else _by_params(typed)
    if not matches:
        raise SpecError(_nothing(typed, text.strip()[:_LONGEST]))
    return matches


def _by_name_or_refused_count(text: str) -> tuple[Match, ...]:
    try:
        return by_name(text)
    except SpecError:
        if not is_like_count(text):
            raise
    raise SpecError(
        _(
            "{text!r} is no count that can be read: a count is a whole number up to a trillion, all digits or "
            "rounded, such as 25,557,032 or 25.6M parameters, or of work, such as 4.1 GFLOPs or 555 MMACs."
        ).format(text=text.strip()[:_LONGEST])
    )


def identify(clue: Clue) -> tuple[Match, ...]:
    """Returns the nets that fit a parameter count, a name, or key -> shape of a state dict; fewest changes first.

    Raises:
        SpecError: a name, or shapes, that no net here has. A count that none has gives no matches.
    """
    if isinstance(clue, int):
        return by_count(clue)
    return by_name(clue) if isinstance(clue, str) else by_shapes(clue)


def by_count(num_params: int) -> tuple[Match, ...]:
    """Returns the likeliest nets with so many parameters, some with their running statistics counted as well."""
    if not 0 < num_params < 10**_MOST_DIGITS:
        return ()
    return tuple(map(_match_of_solution, likeliest(solve(num_params))))


def likeliest(solutions: Sequence[Solution]) -> tuple[Solution, ...]:
    """Returns the likeliest solutions and those nearly as likely; unchanged presets are never left out."""
    if not solutions:
        return ()
    least = solutions[0].bits + _LESS_LIKELY_BITS
    return tuple(each for each in solutions if each.bits <= least or not (each.changes or any(each.besides)))


def _by_params(typed: TypedCount) -> tuple[Match, ...]:
    if typed.step > 1:
        found = tuple(map(_match_of_solution, solve_rounded(typed.value, typed.step)))
        return found or (_by_work(typed) if typed.kind is CountKind.ANY else ())
    matches = by_count(typed.value)
    is_sure = bool(matches) and solve(typed.value)[0].bits <= _SURE_BITS
    if is_sure or (typed.value not in OUTSIDE_COUNTS and typed.kind is not CountKind.ANY):
        return matches
    return () if typed.value in OUTSIDE_COUNTS else _by_work(typed) or matches


def _by_work(typed: TypedCount) -> tuple[Match, ...]:
    """Returns the nets whose work is a figure, by our own or by another program's convention."""
    found = []
    for match in find_work(typed.value, typed.step)[:MOST_ANSWERS]:
        plain = match_of(match.preset, match.changes)
        found.append(replace(plain, work=match.found, sentence=_work_sentence(plain, match.found)))
    return tuple(found)


def _work_sentence(match: Match, count: WorkCount) -> str:
    fields = "".join(f", {field}={format_field(value)}" for field, value in match.changes)
    text = _("{net} at {size} px: {work:,} by {convention}, {rule}.")
    if count.convention is MACS:
        text = _("{net} at {size} px: {work:,} {convention}, {rule}.")
    return text.format(
        net=match.preset + fields,
        size=match.spec.image_size,
        work=count.work,
        convention=count.convention.name,
        rule=_(count.convention.rule),
    )


def _nothing(typed: TypedCount, text: str) -> str:
    """Returns the message that no net has a count, with what was tried."""
    if typed.kind is CountKind.WORK:
        return _(
            "No preset has a work of {text}, counted as MACs, as twice the MACs, or as fvcore, ptflops, thop and "
            "torchinfo count it."
        ).format(text=text)
    if typed.step > 1:
        figure = text.removesuffix("parameters").removesuffix("params").strip()
        head = _("No net is known with about {text} parameters.").format(text=figure)
    else:
        head = _("No known network has {count:,} parameters.").format(count=typed.value)
        if outside := outside_text(typed.value):
            return outside
    near = [
        _("{net} has {count:,} ({difference})").format(
            net=_short_name(found),
            count=count_params(found.spec),
            difference=signed_count(count_params(found.spec) - typed.value),
        )
        for found in neighbours(typed.value)
    ]
    tried = _(
        "Tried: presets and members of families with any number of classes, other image channels, stems, options A to "
        "C, biases, norms, running statistics, up to three blocks more or less, other widths."
    )
    nearest = _("Nearest: {near}.").format(near=_(" and ").join(near)) if near else ""
    return " ".join(filter(None, (head, tried, nearest, _as_work(typed, text))))


def _as_work(typed: TypedCount, text: str) -> str:
    """Returns that some net has a rounded figure as its work, which a word after the figure would find."""
    has_word = text.endswith(("params", "parameters", "weights"))
    if typed.step == 1 or has_word or not text[-1:].isalpha() or not find_work(typed.value, typed.step):
        return ""
    return _("As a figure of work it is known: write {text} MACs.").format(text=text)


def _short_name(found: Solution) -> str:
    return ", ".join([found.preset, *(f"{field}={format_field(value)}" for field, value in found.changes)])


def by_shapes(shapes: Mapping[str, Sequence[int]]) -> tuple[Match, ...]:
    """Returns the nets whose state dict has these keys and shapes; several if shapes leave a choice.

    Raises:
        SpecError: no net has them; the message names the first obstacle.
    """
    return by_weights(identify_weights(shapes))


def by_weights(found: Identified) -> tuple[Match, ...]:
    """Returns the nets that weights can belong to, as presets with changes, at the nearest image size."""
    specs = [found.spec] if found.is_stated else [sized for spec in found.specs for sized in _sizes(spec)]
    nearest: dict[tuple[str, Changes], None] = {}
    for spec in specs:
        name = nearest_preset(spec)
        changes = tuple((field, getattr(spec, field)) for field in differing_fields(spec, name))
        nearest[name, changes] = None
    fewest = min(len(changes) for _name, changes in nearest)
    return _sorted(match_of(name, changes) for name, changes in nearest if len(changes) == fewest)


def _sizes(spec: AnySpec) -> Iterator[AnySpec]:
    """Yields a net at the usual image sizes."""
    for size in IMAGE_SIZES.values():
        with contextlib.suppress(SpecError):  # too small for this net
            yield spec.replace(image_size=size)


def by_name(text: str) -> tuple[Match, ...]:
    """Returns the nets of this name in the papers, in torchvision or here: "ResNet-50 v1.5", "WRN-28-10".

    Raises:
        SpecError: no net has it; the message says why, or suggests the nearest names.
    """
    found = meanings(text)
    is_shown = len(found) == 1  # two nets in a list need no note on the choice between them
    return tuple(replace(match_of(each.preset, each.changes), note=each.note if is_shown else "") for each in found)


def _match_of_solution(found: Solution) -> Match:
    match = match_of(found.preset, found.changes, found.besides)
    if found.bits <= _COINCIDENCE_BITS:
        return match
    return replace(match, note=_("This may be a coincidence: no usual net has this count."))


def _sorted(matches: Iterable[Match]) -> tuple[Match, ...]:
    return tuple(sorted(matches, key=lambda match: len(match.changes)))
