"""A net as one standalone PyTorch file that documents and checks itself.

Other libraries export a general class with the net's options, or unroll every layer. This file holds only the parts
that the net uses: one Block with the arguments that its stages need, and one Net. All numbers come from the plan. A
file is one net: no argument turns it into another.
"""

from resnet_viz.export import docstrings
from resnet_viz.export.facts import Facts, facts_of
from resnet_viz.export.formatter import docstring
from resnet_viz.export.network import SEQUENCE, initialise_function, net_class, stage_function
from resnet_viz.export.residual import ZERO_PAD, block_class
from resnet_viz.export.vgg import vgg_definitions, vgg_paragraphs
from resnet_viz.plan.lower import lower
from resnet_viz.plan.plan import Plan, ShortcutKind
from resnet_viz.spec.vgg import AnySpec, VggSpec

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


def pytorch_source(spec: AnySpec) -> str:
    """Returns the text of a Python file with the net of `spec`.

    Its `Net().state_dict()` has the same names and shapes, in the same order, as that of `resnet_viz.build(spec)`.
    """
    plan = lower(spec)
    if isinstance(spec, VggSpec):
        paragraphs, has_padding, definitions = vgg_paragraphs(spec), False, vgg_definitions(plan, spec)
    else:
        facts = facts_of(plan)
        paragraphs, has_padding = docstrings.module_paragraphs(facts), ShortcutKind.ZERO_PAD in facts.kinds
        definitions = _residual_definitions(facts, has_padding=has_padding)
    summary = f"{docstrings.name(spec)} in PyTorch: {docstrings.num_params(plan):,} parameters."
    lines = [*docstring(summary, paragraphs), "", *_imports(has_padding=has_padding)]
    for definition in [SEQUENCE, *definitions, _main(plan)]:
        lines += ["", "", *definition]
    return "\n".join(lines) + "\n"


def _residual_definitions(facts: Facts, *, has_padding: bool) -> list[list[str]]:
    return [
        *([ZERO_PAD] if has_padding else []),
        block_class(facts),
        stage_function(facts),
        initialise_function(facts),
        net_class(facts),
    ]


def _imports(*, has_padding: bool) -> list[str]:
    functional = ["import torch.nn.functional as F"] if has_padding else []
    return ["from collections import OrderedDict", "", "import torch", *functional, "from torch import Tensor, nn"]


def _main(plan: Plan) -> list[str]:
    spec = plan.spec
    text = MAIN.format(
        name=docstrings.name(spec),
        picture=", ".join(map(str, (1, *plan.input_shape))),
        num_classes=spec.num_classes,
        num_params=docstrings.num_params(plan),
    )
    return text.splitlines()
