"""One block as a standalone PyTorch file: the class Block with the arguments that it needs, and a check of itself."""

from collections.abc import Iterable
from typing import Final

from resnet_viz.analysis.cost import params
from resnet_viz.export import docstrings
from resnet_viz.export.facts import Facts, facts_of
from resnet_viz.export.formatter import docstring
from resnet_viz.export.network import SEQUENCE
from resnet_viz.export.residual import ZERO_PAD, block_class
from resnet_viz.plan.ops import Shape
from resnet_viz.plan.plan import Block, Part, Plan, ShortcutKind

_MAIN: Final = """\
if __name__ == "__main__":
    block = Block({arguments})
    with torch.no_grad():
        y = block(torch.zeros({shape}))
    num_params = sum(weight.numel() for weight in block.parameters())
    print(f"Block: {{tuple(y.shape)}}, {{num_params:,}} parameters")
    assert y.shape == {output}, "the output has another shape"
    assert num_params == {num_params:_}, "the number of parameters is another"
"""


def block_source(plan: Plan, block: Block, *, batch: int = 1) -> str:
    """Returns the text of a Python file with one block of a residual or plain net.

    Args:
        plan: the net.
        block: the block, which stands alone in the file: arguments by which blocks of the net differ are left out.
        batch: images of the batch with which the file checks itself.
    """
    facts = facts_of(alone(plan, block))
    has_padding = ShortcutKind.ZERO_PAD in facts.kinds
    num_params = sum(params(node.op) for node in plan.nodes_of(block))
    paragraphs: list[str | list[str]] = [
        [f"{source}." for source in docstrings.sources(facts.spec)],
        "Run this file to check the block: it prints the shape of its output and counts its parameters.",
    ]
    if facts.spec.shortcut.is_gated:
        bias = f"{facts.spec.gate_bias:g}"
        paragraphs.append(
            f"In a net the gate's bias starts at {bias}: nn.init.constant_(block.gate.conv.bias, {bias})."
        )
    functional = ["import torch.nn.functional as F"] if has_padding else []
    lines = [
        *docstring(f"One block in PyTorch: {num_params:,} parameters.", paragraphs),
        "",
        *("from collections import OrderedDict", "", "import torch", *functional, "from torch import Tensor, nn"),
    ]
    main = _MAIN.format(
        arguments=", ".join(_arguments(facts)),
        shape=_numbers((batch, *block.in_shape)),
        output=f"({_numbers((batch, *block.shape))})",
        num_params=num_params,
    )
    for definition in [SEQUENCE, *([ZERO_PAD] if has_padding else []), block_class(facts), main.splitlines()]:
        lines += ["", "", *definition]
    return "\n".join(lines) + "\n"


def alone(plan: Plan, block: Block) -> Plan:
    """Returns the part of a plan that is one block, as a plan of one stage."""
    nodes = plan.nodes_of(block)
    only = block._replace(start=0, stop=len(nodes))
    stage = Part(f"stage{block.stage}", block.stage, 0, len(nodes), (only,), block.shape)
    return Plan(spec=plan.spec, nodes=nodes, parts=(stage,))


def _arguments(facts: Facts) -> Iterable[str]:
    (stage,) = facts.stages
    values = {
        "in_channels": stage.in_channels,
        "width": stage.width,
        "out_channels": stage.out_channels,
        "stride": stage.stride,
        "dilation": stage.dilation,
    }
    return (f"{name}={values[name]}" for name in docstrings.block_arguments(facts))


def _numbers(shape: Shape) -> str:
    return ", ".join(map(str, shape))
