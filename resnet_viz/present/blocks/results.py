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
        words, unit = value_text(result), unit_text(result)
        value = f"{words[:-1]} {unit})" if words.endswith(")") else f"{words} {unit}"
        measure = f"{quantity_name(result.quantity)}, " if result.quantity is not PublishedQuantity.TEST_ERROR else ""
        shown.append(f"{value} ({measure}{result.net})")
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
    return "; ".join(
        _("{ratios} ({depth} layers)").format(ratios=", ".join(map(_rounded, row.ratios)), depth=row.depth)
        for row in ratios
    )


def _rounded(ratio: float) -> str:
    """Returns a ratio with three digits, a large one as a power of ten."""
    if ratio < 10_000:  # noqa: PLR2004 - five digits are read as a number
        return f"{ratio:.3g}" if ratio < 1_000 else f"{ratio:,.0f}"  # noqa: PLR2004
    digits, _e, power = f"{ratio:.1e}".partition("e")
    return f"{digits} · 10{_superscript(int(power))}"


def _superscript(power: int) -> str:
    return "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(power))


def comparison_table(blocks: Sequence[SingleBlock], mode: Mode) -> str:
    """Returns a Markdown table with a row for each block: its path, its costs, results and measurements."""
    has_results = any(published_results(block.variant) or measured_ratios(block.variant) for block in blocks)
    head = [_("block"), _("output"), _("branch at zero"), _("on the shortcut"), _("params"), _("MACs")]
    more = [_("published error"), _("gradient, first / last block, untrained")] if has_results else []
    lines = ["| " + " | ".join([*head, *more]) + " |", "|---|---|---|---|--:|--:|" + "---|" * len(more)]
    for block in blocks:
        found = block_equations(block, mode)
        cells = [
            f"**{variant_title(block.variant)}**",
            f"${found.whole}$",
            f"${found.at_zero}$, {zero_note(block)}",
            path_text(block),
            exact(block.params),
            exact(block.macs),
        ]
        if has_results:
            cells += [published_text(published_results(block.variant)), measured_text(measured_ratios(block.variant))]
        lines.append("| " + " | ".join(cell or "–" for cell in cells) + " |")
    return "\n".join(lines)


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
