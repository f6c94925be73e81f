"""The exported Net class, with its functions for stages and initial weights."""

from collections.abc import Iterator
from typing import Final

from resnet_viz.export import docstrings
from resnet_viz.export.facts import Facts, StageFacts
from resnet_viz.export.formatter import STEP, CallExpression, docstring, format_call, indented
from resnet_viz.export.layers import layer, sequence
from resnet_viz.plan.ops import Linear
from resnet_viz.plan.plan import Part, Plan
from resnet_viz.spec.codec import format_field
from resnet_viz.spec.enums import BlockKind

BODY: Final = 2 * STEP  # column of the lines of a method

SEQUENCE: Final = '''\
def sequence(**layers: nn.Module) -> nn.Sequential:
    """Returns the layers one behind the other, under their names."""
    return nn.Sequential(OrderedDict(layers))
'''.splitlines()

CONV_WEIGHTS: Final = """\
for module in net.modules():
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
""".splitlines()
CONV_BIASES: Final = """\
        if module.bias is not None:
            nn.init.zeros_(module.bias)
""".splitlines()
GATE_BIASES: Final = """\
for name, parameter in net.named_parameters():
    if name.endswith(".gate.conv.bias"):
        nn.init.constant_(parameter, {gate_bias})
""".splitlines()


def initialise_function(facts: Facts) -> list[str]:
    """Returns the lines of the function that sets the initial weights."""
    summary = "Draws the weights of the convolutions: He et al. 2015 (arXiv 1502.01852), by fan-out."
    body = [*docstring(summary, [docstrings.other_weights(facts.spec)], column=STEP), *CONV_WEIGHTS]
    if facts.spec.conv_bias:
        body += CONV_BIASES
    if facts.spec.shortcut.is_gated:
        body += [line.format(gate_bias=format_field(facts.spec.gate_bias)) for line in GATE_BIASES]
    return ["def initialise(net: nn.Module) -> None:", *indented(body)]


def stage_function(facts: Facts) -> list[str]:
    """Returns the lines of the function that makes a stage."""
    arguments = _stage_arguments(facts)
    is_basic = facts.spec.block is BlockKind.BASIC
    first = ["in_channels", *["width"] * facts.has_width, "out_channels"]
    later = ["out_channels", *["width"] * facts.has_width, "out_channels"]
    if facts.strided:
        first.append("stride=stride")
    if facts.has_first_dilation:
        first += ["first_dilation=first_dilation", "dilation=dilation"]
        later += ["first_dilation=dilation", "dilation=dilation"]
    elif facts.dilated:
        first.append("dilation=dilation" if is_basic else "dilation=first_dilation")
        later.append("dilation=dilation")
    if facts.has_first:
        first.append("is_first=is_first")
    body = [
        '"""Returns a stage: blocks one behind the other, of which the first may change the shape."""',
        *format_call(CallExpression("first = Block", tuple(first)), column=STEP),
        "blocks = [first]",
        "for _ in range(1, num_blocks):",
        *indented([f"blocks.append(Block({', '.join(later)}))"]),
        'return sequence(**{f"block{i}": block for i, block in enumerate(blocks, start=1)})',
    ]
    return [
        *format_call(CallExpression("def make_stage", tuple(arguments), foot=" -> nn.Sequential:")),
        *indented(body),
    ]


def _stage_arguments(facts: Facts) -> Iterator[str]:
    yield "num_blocks: int"
    yield "*"
    for name, (kind, default) in docstrings.block_arguments(facts).items():
        if name == "dilation" and facts.spec.block is BlockKind.BOTTLENECK:
            yield "first_dilation: int = 1"
        yield f"{name}: {kind} = {default}" if default else f"{name}: {kind}"


def net_class(facts: Facts) -> list[str]:
    """Returns the lines of `class Net`."""
    stem, *_, head = facts.plan.parts
    spec, names = facts.spec, [stage.name for stage in facts.stages]
    picture = f"(N, {spec.in_channels}, {spec.image_sides[0]}, {spec.image_sides[1]})"
    forward = [
        f'"""Returns the logits, (N, {spec.num_classes}), of pictures x, {picture}."""',
        "x = self.stem(x)",
        *(f"x = self.{name}(x)" for name in names),
        "logits: Tensor = self.head(x)",
        "return logits",
    ]
    init = [
        "super().__init__()",
        *format_call(_part("self.stem = ", facts, stem), column=BODY),
        *(line for stage in facts.stages for line in format_call(_stage_call(facts, stage), column=BODY)),
        *format_call(_part("self.head = ", facts, head), column=BODY),
        "initialise(self)",
    ]
    body = [
        *docstring(
            f"{docstrings.name(spec)}: stem, stages, head; {docstrings.num_params(facts.plan):,} parameters.",
            [table(facts.plan)],
            column=STEP,
        ),
        "",
        "def __init__(self) -> None:",
        *indented(init),
        "",
        "def forward(self, x: Tensor) -> Tensor:",
        *indented(forward),
    ]
    return ["class Net(nn.Module):", *indented(body)]


def _part(head: str, facts: Facts, part: Part) -> CallExpression:
    layers: list[str | CallExpression] = []
    for node in facts.plan.nodes_of(part):
        if isinstance(node.op, Linear):
            layers.append("flatten=nn.Flatten()")
        layers.append(layer(f"{node.leaf}=", node.op))
    return sequence(head, tuple(layers))


def _stage_call(facts: Facts, stage: StageFacts) -> CallExpression:
    is_basic = facts.spec.block is BlockKind.BASIC
    has_dilation = stage.dilation > 1 and (is_basic or stage.num_blocks > 1)
    arguments = {
        "in_channels": stage.in_channels,
        **({"width": stage.width} if facts.has_width else {}),
        "out_channels": stage.out_channels,
        **({"stride": stage.stride} if stage.stride > 1 else {}),
        **({"first_dilation": stage.first_dilation} if stage.first_dilation > 1 else {}),
        **({"dilation": stage.dilation} if has_dilation else {}),
        **({"is_first": True} if facts.has_first and stage is facts.stages[0] else {}),
    }
    given = [f"{name}={value}" for name, value in arguments.items()]
    return CallExpression(f"self.{stage.name} = make_stage", (str(stage.num_blocks), *given))


def table(plan: Plan) -> list[str]:
    """Returns the lines of the table of output shapes."""
    rows = [(p.name, f"{len(p.blocks)} x Block" if p.blocks else "", " x ".join(map(str, p.shape))) for p in plan.parts]
    size = " x ".join(map(str, plan.input_shape))
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = (f"    {name:{first}}  {made:{second}}  {shape}" for name, made, shape in rows)
    return [f"Output of each part for one picture of {size}:", *lines]
