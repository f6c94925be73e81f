"""Published results of a variant beside our own measurements, as words and as rows of a table."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from resnet_viz.analysis.cost import macs, params
from resnet_viz.blocks.measured import MeasuredRatio, block_gradients
from resnet_viz.blocks.single import SingleBlock
from resnet_viz.blocks.variants import BlockVariant, VariantGroup
from resnet_viz.graph.labels import layer_label
from resnet_viz.i18n import _
from resnet_viz.present.blocks.equations import block_equations, zero_note
from resnet_viz.present.blocks.facts import path_text, variant_title
from resnet_viz.present.published_results import protocol_text, quantity_name, unit_text, value_text
from resnet_viz.present.tables import Rows
from resnet_viz.present.theme import Mode
from resnet_viz.present.units import exact
from resnet_viz.published import files
from resnet_viz.published.result import Protocol, PublishedQuantity, PublishedResult
from resnet_viz.spec import codec

_PUBLISHED: Final = (VariantGroup.ORDERS, VariantGroup.SHORTCUTS, VariantGroup.OPTIONS)


def published_results(variant: BlockVariant) -> tuple[PublishedResult, ...]:
    """Returns the results of nets made of this variant: those that change the same fields to the same values."""
    if variant.group not in _PUBLISHED or variant.id == "plain":
        return ()
    fields = {name: codec.format_field(value) for name, value in variant.fields.items()}
    found = files.groups()[variant.group.value].results
    return tuple(result for result in found if dict(result.changes) == fields and "plain" not in result.preset)


def published_text(results: Iterable[PublishedResult]) -> str:
    """Returns results in one line: "6.61 % (ResNet-110), 5.93 % (ResNet-164)"."""
    shown = []
    for result in results:
        measure = f"{quantity_name(result.quantity)}, " if result.quantity is not PublishedQuantity.TEST_ERROR else ""
        shown.append(f"{_result_text(result)} ({measure}{result.net})")
    return ", ".join(shown)


def sources_text(results: Sequence[PublishedResult]) -> str:
    """Returns the sources of results, each with its protocol without the depth."""
    return "; ".join(dict.fromkeys(f"{one.citation} ({protocol_text(_without_depth(one))})" for one in results))


def _without_depth(result: PublishedResult) -> Protocol:
    return replace(result.protocol, depth=None)


def measured_ratios(variant: BlockVariant) -> tuple[MeasuredRatio, ...]:
    """Returns our gradients at initialisation of nets made of this variant."""
    return block_gradients().ratios.get(variant.id, ())


def measured_text(ratios: Iterable[MeasuredRatio]) -> str:
    """Returns ratios in one line: "15.5, 13.2, 13.4 (56 layers)"."""
    return "; ".join(_("{ratios} ({depth} layers)").format(ratios=_ratios_text(row), depth=row.depth) for row in ratios)


def _ratios_text(row: MeasuredRatio) -> str:
    return ", ".join(map(_rounded, row.ratios))


def _rounded(ratio: float) -> str:
    """Returns a ratio with three digits, a large one as a power of ten."""
    if ratio < 10_000:  # noqa: PLR2004 - five digits are read as a number
        return f"{ratio:.3g}" if ratio < 1_000 else f"{ratio:,.0f}"  # noqa: PLR2004
    digits, _e, power = f"{ratio:.1e}".partition("e")
    return f"{digits} · 10{_superscript(int(power))}"


def _superscript(power: int) -> str:
    return "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(power))


def comparison_table(blocks: Sequence[SingleBlock], mode: Mode) -> str:
    """Returns a Markdown table with a row for each block, and its costs below it where all blocks have the same."""
    costs = {_("params"): [block.params for block in blocks], _("MACs"): [block.macs for block in blocks]}
    is_same = all(len(set(values)) == 1 for values in costs.values())
    columns = {
        _("block"): [f"**{variant_title(block.variant)}**" for block in blocks],
        _("branch at zero"): [_zero_text(block, mode) for block in blocks],
        _("on the shortcut"): [path_text(block) for block in blocks],
        **({} if is_same else {name: [exact(value) for value in values] for name, values in costs.items()}),
        **_published_columns(blocks),
        **_measured_columns(blocks),
    }
    rows = [list(columns), *zip(*columns.values(), strict=True)]
    lines = ["| " + " | ".join(cell or "–" for cell in row) + " |" for row in rows]
    numbers = "".join("--:|" if name in costs else "---|" for name in columns)
    table = "\n".join([lines[0], f"|{numbers}", *lines[1:]])
    if not is_same:
        return table
    same = _("All of them have {params} parameters and {macs} MACs.")
    return f"{table}\n\n{same.format(params=exact(blocks[0].params), macs=exact(blocks[0].macs))}"


def _zero_text(block: SingleBlock, mode: Mode) -> str:
    return f"${block_equations(block, mode).at_zero}$, {zero_note(block)}"


def _published_columns(blocks: Sequence[SingleBlock]) -> dict[str, list[str]]:
    """Returns a column for each net of the published results: "test error, ResNet-110"."""
    found = [{_result_title(one): _result_text(one) for one in published_results(block.variant)} for block in blocks]
    titles = dict.fromkeys(title for own in found for title in own)
    return {title: [own.get(title, "") for own in found] for title in titles}


def _measured_columns(blocks: Sequence[SingleBlock]) -> dict[str, list[str]]:
    """Returns a column for each depth at which we have measured."""
    found = [{row.depth: row for row in measured_ratios(block.variant)} for block in blocks]
    heading = _("gradient, first / last, {depth} layers")
    return {
        heading.format(depth=depth): [_ratios_text(own[depth]) if depth in own else "" for own in found]
        for depth in sorted({depth for own in found for depth in own})
    }


def _result_title(result: PublishedResult) -> str:
    return f"{quantity_name(result.quantity)}, {result.net}"


def _result_text(result: PublishedResult) -> str:
    words, unit = value_text(result), unit_text(result)
    return f"{words[:-1]} {unit})" if words.endswith(")") else f"{words} {unit}"


def fact_list(block: SingleBlock, mode: Mode) -> str:
    """Returns a Markdown list: layers on the shortcut, output with the branch at zero, results and measurements."""
    term, published = block_equations(block, mode).at_zero, published_results(block.variant)
    lines = [
        _("On the shortcut: **{layers}**").format(layers=path_text(block)),
        _("Branch at zero: ${term}$, **{note}**").format(term=term, note=zero_note(block)),
    ]
    if published:
        lines.append(_("Published error: **{results}**").format(results=published_text(published)))
    measured = measured_text(measured_ratios(block.variant))
    if measured:
        lines.append(_("Gradient, first / last block, untrained: **{ratios}**").format(ratios=measured))
    return "\n".join(f"- {line}" for line in lines)


def layer_rows(block: SingleBlock) -> Rows:
    """Returns a row for each layer: section, name, operation, output shape, parameters and MACs."""
    on_path = {node.name for node in block.on_shortcut_path()}
    return [
        {
            _("section"): node.section.value,
            _("layer"): node.leaf,
            _("operation"): " ".join(layer_label(node)),
            _("output shape"): "(" + ", ".join(map(str, block.shape_with_batch(node.shape))) + ")",
            _("params"): params(node.op),
            _("MACs"): macs(node.op, node.shape),
            _("on the shortcut"): _("yes") if node.name in on_path else "",
        }
        for node in block.nodes
    ]
