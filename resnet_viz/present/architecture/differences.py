"""Differences of two nets in words and tables, computed from a comparison. Differences are b minus a."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from resnet_viz.analysis.compare import Comparison, Difference, LayerChange, LayerPair
from resnet_viz.analysis.report import Analysis, Totals
from resnet_viz.graph.labels import layer_label, part_name, shape_text, short_count, sides_text
from resnet_viz.i18n import _
from resnet_viz.plan.plan import Node
from resnet_viz.present.tables import MINUS, Rows
from resnet_viz.present.units import bytes_text, exact, inference_memory, signed_percent, training_memory
from resnet_viz.spec.codec import format_field
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec

LETTERS: Final = "abc"
_MULTIPLE: Final = 3  # from here on percentages are hard to read


def net_names(specs: Sequence[AnySpec]) -> tuple[str, ...]:
    """Returns the nets' titles, with their letters where two share one."""
    titles = [title(spec) for spec in specs]
    return tuple(
        f"{name} ({letter})" if titles.count(name) > 1 else name for name, letter in zip(titles, LETTERS, strict=False)
    )


def totals_table(analyses: Sequence[Analysis], *, is_narrow: bool = False) -> str:
    """Returns the costs of nets as a table in Markdown, changes from the first in brackets. Only our own words.

    A row is a net; where the screen is narrow, a column, and its parameters are rounded.
    """
    headings = ("", _("net"), _("depth"), _("parameters"), _("MACs"), training_memory(), inference_memory())
    first = analyses[0].totals
    nets = zip(LETTERS, net_names([analysis.plan.spec for analysis in analyses]), analyses, strict=False)
    count = short_count if is_narrow else exact
    rows = [headings, *(_totals_row(letter, name, one, first, count) for letter, name, one in nets)]
    if is_narrow:
        rows = list(zip(*rows, strict=True))
        sides = ["---", *["---:"] * len(analyses)]
    else:
        sides = ["---", ":---", *["---:"] * 5]
    lines = [rows[0], tuple(sides), *rows[1:]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _totals_row(
    letter: str, name: str, analysis: Analysis, first: Totals, count: Callable[[int], str]
) -> tuple[str, ...]:
    sums = analysis.totals
    return (
        f"**{letter}**",
        name,
        exact(analysis.plan.spec.depth),
        count(sums.params) + _share(sums.params, first.params, letter),
        short_count(sums.macs) + _share(sums.macs, first.macs, letter),
        bytes_text(sums.training_bytes) + _share(sums.training_bytes, first.training_bytes, letter),
        bytes_text(sums.inference_bytes) + _share(sums.inference_bytes, first.inference_bytes, letter),
    )


def change_summary(found: Comparison, names: tuple[str, str]) -> str:
    """Returns the differences in fields and costs as text in Markdown. Only our own words and numbers."""
    picked = ", ".join(
        f"`{field.name}` {format_field(field.a) or '–'} → {format_field(field.b) or '–'}"
        for field in found.changed_fields
        if field.a is not None and field.b is not None  # a field that only one kind of net has tells nothing apart
    )
    sentences = [_("Different fields: {fields}.").format(fields=picked)] if picked else []
    if found.is_equal:
        return " ".join(
            [_("**{a}** and **{b}** cost exactly the same, block by block.").format(a=names[0], b=names[1]), *sentences]
        )
    sums = found.totals
    sentence = _("Compared with **{a}**, **{b}** has {params}, {macs} and {memory} in training.")
    sentences.insert(
        0,
        sentence.format(
            a=names[0],
            b=names[1],
            params=_more(sums.params, sums.a.params, short_count(abs(sums.params)), _("parameters")),
            macs=_more(sums.macs, sums.a.macs, short_count(abs(sums.macs)), _("MACs")),
            memory=_more_memory(sums.training_bytes, sums.a.training_bytes),
        ),
    )
    sentences.insert(1, _where(found))
    return " ".join(filter(None, sentences))


def part_table(found: Comparison, letter: str = "b") -> Rows:
    """Returns a row for each part of either net and one for the whole: both nets' figures and their difference."""
    rows = [_figures_row(row, letter) for row in found.parts]
    sums = found.totals
    rows.append(
        {
            _("part"): _("whole net"),
            **_three(_("params"), sums.a.params, sums.b.params, letter),
            **_three(_("MACs"), sums.a.macs, sums.b.macs, letter),
            **_three(_memory_heading(), sums.a.training_bytes, sums.b.training_bytes, letter),
        }
    )
    return _evened([{heading: row.get(heading) for heading in rows[0]} for row in rows])


def _evened(rows: Rows) -> Rows:
    """Returns the rows with texts for all numbers of a column that has a text, so that a table can hold it."""
    mixed = {heading for row in rows for heading, value in row.items() if isinstance(value, str)}
    return [{h: str(v) if h in mixed and isinstance(v, int) else v for h, v in row.items()} for row in rows]


def block_table(found: Comparison, letter: str = "b", *, only_differences: bool) -> Rows:
    """Returns a row for each block of either net, or for those that differ."""
    return [_figures_row(row, letter) for row in (found.differing_blocks if only_differences else found.blocks)]


def layer_pair_table(pairs: Sequence[LayerPair], letter: str = "b", *, only_differences: bool) -> Rows:
    """Returns a row for each layer of either net: its label in both, and the kind and size of the difference.

    Receptive field and memory alone, which follow from other layers, count as no difference.
    """
    inherited = (LayerChange.NONE, LayerChange.SIGHT)
    return [
        {
            _("layer"): pair.name,
            _("differs in"): _change_name(pair.change, letter),
            "a": _layer_text(pair.a),
            letter: _layer_text(pair.b),
            f"{_('params')} {letter}{MINUS}a": pair.params,
            f"{_('MACs')} {letter}{MINUS}a": pair.macs,
            f"{_memory_heading()} {letter}{MINUS}a": pair.kept_bytes,
        }
        for pair in pairs
        if not (only_differences and pair.change in inherited)
    ]


def _figures_row(row: Difference, letter: str) -> dict[str, Any]:
    a, b = row.a, row.b
    return {
        _("part"): row.name,
        _("output a"): shape_text(a.shape) if a else None,
        _("output {letter}").format(letter=letter): shape_text(b.shape) if b else None,
        **_three(_("params"), a and a.params, b and b.params, letter),
        **_three(_("MACs"), a and a.macs, b and b.macs, letter),
        **_three(_memory_heading(), a and a.kept_bytes, b and b.kept_bytes, letter),
        **_two(_("field, px"), a and _side(a.field_sides), b and _side(b.field_sides), letter),
        **_two(_("jump, px"), a and _side(a.jumps), b and _side(b.jumps), letter),
    }


def _side(sides: tuple[int, int]) -> int | str:
    """Returns one number, or height and width as a text where they differ."""
    return sides[0] if sides[0] == sides[1] else sides_text(sides)


def _memory_heading() -> str:
    return _("activation memory, bytes")


def _two(name: str, a: int | str | None, b: int | str | None, letter: str) -> dict[str, Any]:
    return {f"{name} a": a, f"{name} {letter}": b}


def _three(name: str, a: int | None, b: int | None, letter: str) -> dict[str, Any]:
    return {**_two(name, a, b, letter), f"{name} {letter}{MINUS}a": (b or 0) - (a or 0)}


def _layer_text(layer: tuple[Node, Any] | None) -> str | None:
    return None if layer is None else " ".join((*layer_label(layer[0]), "·", shape_text(layer[0].shape)))


def _change_name(change: LayerChange, letter: str) -> str:
    return {
        LayerChange.ONLY_A: _("only in a"),
        LayerChange.ONLY_B: _("only in {letter}").format(letter=letter),
        LayerChange.SIZE: _("size"),
        LayerChange.INPUTS: _("inputs"),
        LayerChange.SIGHT: _("receptive field or memory"),
        LayerChange.NONE: "",
    }[change]


def _more(difference: int, before: int, text: str, unit: str) -> str:
    """Returns "3.76 M more parameters (+17.25 %)", "as many MACs"."""
    if difference == 0:
        return _("as many {unit}").format(unit=unit)
    words = _("{n} more {unit} ({share})") if difference > 0 else _("{n} fewer {unit} ({share})")
    return words.format(n=text, unit=unit, share=_ratio(before + difference, before))


def _more_memory(difference: int, before: int) -> str:
    """Returns "51.2 MiB more activation memory (+166.84 %)", "as much activation memory"."""
    if difference == 0:
        return _("as much activation memory")
    words = _("{n} more activation memory ({share})") if difference > 0 else _("{n} less activation memory ({share})")
    return words.format(n=bytes_text(abs(difference)), share=_ratio(before + difference, before))


def _ratio(after: int, before: int) -> str:
    """Returns a change in percent, or as a factor where it is a multiple: "×72"."""
    if after >= _MULTIPLE * before:
        return f"×{after / before:.3g}"
    return signed_percent(after, before)


def _where(found: Comparison) -> str:
    """Returns the parts that differ in parameters."""
    changed = [part for part in found.parts if part.params]
    if not changed:
        return ""
    if found.totals.params == 0:
        moved = _("Parameters only move between parts: {parts}.")
        return moved.format(parts=_listed([f"{_part_name(p)} {p.params:+,}".replace("-", "−") for p in changed]))
    if len(changed) == 1:
        return _("All of the difference in parameters is in {part}.").format(part=_part_name(changed[0]))
    alike = [part for part in found.parts if not part.params]
    where = _listed([_part_name(part) for part in changed])
    if len(alike) <= 1 < len(changed) - 1:
        but = _part_name(alike[0]) if alike else ""
        where = _("every part but {part}").format(part=but) if alike else _("every part")
    most = max(changed, key=lambda part: abs(part.params))
    sentence = _("The difference in parameters is in {parts}; most of it, {n}, in {most}.")
    sign = "+" if most.params > 0 else "−"
    return sentence.format(
        parts=where,
        n=sign + short_count(abs(most.params)),
        most=_part_name(most),
    )


def _listed(names: Sequence[str]) -> str:
    return _("{some} and {last}").format(some=", ".join(names[:-1]), last=names[-1])


def _part_name(part: Difference) -> str:
    return part_name(part) if part.stage else _("the {part}").format(part=part_name(part))


def _share(value: int, first: int, letter: str) -> str:
    return "" if letter == LETTERS[0] or not first else f" ({_ratio(value, first)})"
