"""A net as one PyTorch file that says what it is, checks itself and needs nothing of ours.

Others print the library's own general class with the options of the net set, or unroll every layer. Here the file holds
what this net uses and nothing else: one Block with the arguments that its stages need, one Net. All numbers come from
the plan. What a file cannot do: become another net by an argument; a new file is printed for that.
"""

from resnet_viz.export import words
from resnet_viz.export.block import ZERO_PAD, block_class
from resnet_viz.export.facts import Facts, facts_of
from resnet_viz.export.layout import docstring
from resnet_viz.export.net import SEQUENCE, initialise_function, net_class, stage_function
from resnet_viz.plan.lower import lower
from resnet_viz.plan.plan import ShortcutKind
from resnet_viz.spec.net import NetSpec

MAIN = """\
if __name__ == "__main__":
    net = Net().eval()
    with torch.no_grad():
        logits = net(torch.zeros({picture}))
    num_params = sum(weight.numel() for weight in net.parameters())
    print(f"{name}: logits {{tuple(logits.shape)}}, {{num_params:,}} parameters")
    assert logits.shape == (1, {num_classes}), "the logits have another shape"
    assert num_params == {num_params:_}, "the number of parameters is another"
"""


def source(spec: NetSpec) -> str:
    """Returns the text of a Python file with the net of `spec`.

    Its `Net().state_dict()` has the same names and shapes, in the same order, as that of `resnet_viz.build(spec)`.
    """
    facts = facts_of(lower(spec))
    has_padding = ShortcutKind.ZERO_PAD in facts.kinds
    definitions = [
        SEQUENCE,
        *([ZERO_PAD] if has_padding else []),
        block_class(facts),
        stage_function(facts),
        initialise_function(facts),
        net_class(facts),
        _main(facts),
    ]
    summary = f"{words.name(spec)} in PyTorch: {words.num_params(facts):,} parameters."
    lines = [*docstring(summary, words.module_paragraphs(facts)), "", *_imports(has_padding=has_padding)]
    for definition in definitions:
        lines += ["", "", *definition]
    return "\n".join(lines) + "\n"


def _imports(*, has_padding: bool) -> list[str]:
    functional = ["import torch.nn.functional as F"] if has_padding else []
    return ["from collections import OrderedDict", "", "import torch", *functional, "from torch import Tensor, nn"]


def _main(facts: Facts) -> list[str]:
    spec = facts.spec
    text = MAIN.format(
        name=words.name(spec),
        picture=", ".join(map(str, (1, *facts.plan.input_shape))),
        num_classes=spec.num_classes,
        num_params=words.num_params(facts),
    )
    return text.splitlines()
