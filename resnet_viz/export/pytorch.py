"""A net as one standalone PyTorch file that documents and checks itself.

Other libraries export a general class with the net's options, or unroll every layer. This file holds only the parts
that the net uses: one Block with the arguments that its stages need, and one Net. All numbers come from the plan. A
file is one net: no argument turns it into another.
"""

from collections.abc import Iterable
from typing import NamedTuple

from resnet_viz.export import d2l, docstrings, torchvision_style
from resnet_viz.export.facts import Facts, facts_of
from resnet_viz.export.formatter import docstring
from resnet_viz.export.network import SEQUENCE, initialise_function, net_class, stage_function
from resnet_viz.export.residual import ZERO_PAD, block_class
from resnet_viz.export.style import CodeStyle, check_style
from resnet_viz.export.training import TrainingLoop, train_function, training_imports, training_main
from resnet_viz.export.vgg import vgg_definitions, vgg_paragraphs
from resnet_viz.plan.lower import lower
from resnet_viz.plan.plan import Plan, ShortcutKind
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec, VggSpec

MAIN = """\
if __name__ == "__main__":
    net = {make}.eval()
    with torch.no_grad():
        logits = net(torch.zeros({picture}))
    num_params = sum(weight.numel() for weight in net.parameters())
    print(f"{name}: logits {{tuple(logits.shape)}}, {{num_params:,}} parameters")
    assert logits.shape == (1, {num_classes}), "the logits have another shape"
    assert num_params == {num_params:_}, "the number of parameters is another"
"""


class _Parts(NamedTuple):
    """Parts of a file: paragraphs of its docstring, imports of PyTorch, definitions, the call that makes the net."""

    paragraphs: Iterable[str | list[str]]
    imports: Iterable[str]
    definitions: list[list[str]]
    make: str


def pytorch_source(spec: AnySpec, style: CodeStyle = CodeStyle.OWN, training: TrainingLoop = TrainingLoop.NONE) -> str:
    """Returns the text of a Python file with the net of `spec`.

    In our own style its `Net().state_dict()` has the same names and shapes, in the same order, as that of
    `resnet_viz.build(spec)`; in the others it has the style's names, which `nets.weights.load` reads.

    Raises:
        SpecError: the style has no form of this net.
    """
    plan = lower(spec)
    check_style(plan, style)
    parts = _own_parts(plan) if style is CodeStyle.OWN else _styled_parts(plan, style)
    summary = f"{docstrings.name(spec)} in PyTorch: {docstrings.num_params(plan):,} parameters."
    modules, names = training_imports(training)
    if style is CodeStyle.OWN:
        names = ["from collections import OrderedDict", *names]
    standard = [*modules, *names, ""] if names else []
    lines = [*docstring(summary, parts.paragraphs), "", *standard, *parts.imports]
    for definition in filter(None, [*parts.definitions, train_function(plan, training), _main(plan, parts.make)]):
        lines += ["", "", *definition]
    return "\n".join([*lines, *training_main(plan, training)]) + "\n"


def _own_parts(plan: Plan) -> _Parts:
    spec = plan.spec
    if isinstance(spec, VggSpec):
        paragraphs, has_padding, definitions = vgg_paragraphs(spec), False, vgg_definitions(plan, spec)
    else:
        facts = facts_of(plan)
        paragraphs, has_padding = docstrings.module_paragraphs(facts), ShortcutKind.ZERO_PAD in facts.kinds
        definitions = _residual_definitions(facts, has_padding=has_padding)
    return _Parts(paragraphs, _imports(has_padding=has_padding), [SEQUENCE, *definitions], "Net()")


def _styled_parts(plan: Plan, style: CodeStyle) -> _Parts:
    spec = plan.spec
    assert isinstance(spec, NetSpec)  # `check_style` refuses others
    papers = [f"{source}." for source in docstrings.sources(spec)]
    if style is CodeStyle.D2L:
        paragraphs, imports, definitions = d2l.PARAGRAPHS, d2l.IMPORTS, d2l.d2l_definitions(plan)
    else:
        is_note = style is CodeStyle.NOTE
        paragraphs = torchvision_style.NOTE_PARAGRAPHS if is_note else torchvision_style.PARAGRAPHS
        imports = torchvision_style.NOTE_IMPORTS if is_note else torchvision_style.IMPORTS
        definitions = torchvision_style.torchvision_definitions(plan, style)
    return _Parts([papers, *paragraphs, docstrings.RUN_THIS], imports, definitions, "make_net()")


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
    return ["import torch", *functional, "from torch import Tensor, nn"]


def _main(plan: Plan, make: str) -> list[str]:
    spec = plan.spec
    text = MAIN.format(
        make=make,
        name=docstrings.name(spec),
        picture=", ".join(map(str, (1, *plan.input_shape))),
        num_classes=spec.num_classes,
        num_params=docstrings.num_params(plan),
    )
    return text.splitlines()
