"""The exported classes of a VGG net: a Block of one convolution, stages that end in a pool, the head."""

from collections.abc import Iterator
from typing import Final

from resnet_viz.export import docstrings
from resnet_viz.export.formatter import STEP, CallExpression, docstring, format_call, indented
from resnet_viz.export.layers import conv, layer, norm, sequence
from resnet_viz.export.network import BODY, CONV_BIASES, CONV_WEIGHTS, table
from resnet_viz.plan.ops import BatchNorm, Conv
from resnet_viz.plan.plan import Plan
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.vgg import VggSpec

SIMONYAN: Final = (  # two lines, for one would be too long
    "Simonyan and Zisserman 2014, Very Deep Convolutional Networks for Large-Scale Image Recognition",
    "(arXiv 1409.1556).",
)
IOFFE: Final = "Ioffe and Szegedy 2015, Batch Normalization (arXiv 1502.03167)."

STAGE: Final = '''\
def make_stage(num_blocks: int, *, in_channels: int, out_channels: int) -> nn.Sequential:
    """Returns a stage: blocks one behind the other, then a pool that halves the picture."""
    blocks = [Block(in_channels, out_channels)]
    for _ in range(1, num_blocks):
        blocks.append(Block(out_channels, out_channels))
    named = {f"block{i}": block for i, block in enumerate(blocks, start=1)}
    return sequence(**named, pool=nn.MaxPool2d(2, stride=2))
'''.splitlines()

FC_WEIGHTS: Final = """\
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0.0, 0.01)
        nn.init.zeros_(module.bias)
""".splitlines()


def vgg_paragraphs(spec: VggSpec) -> Iterator[str | list[str]]:
    """Yields the sources of a net, its deviations from them, and the use of its names."""
    yield [*SIMONYAN, *([IOFFE] if spec.norm is Norm.BATCH else [])]
    yield from docstrings.further_paragraphs(spec)


def vgg_definitions(plan: Plan, spec: VggSpec) -> list[list[str]]:
    """Returns the lines of each class and function of the file."""
    return [_block_class(plan), STAGE, _initialise(spec), _net_class(plan, spec)]


def _block_class(plan: Plan) -> list[str]:
    first = plan.nodes_of(plan.blocks[0])
    has_norm = any(isinstance(node.op, BatchNorm) for node in first)
    layers: list[str | CallExpression] = [
        conv("conv1=", node.op, "in_channels", "out_channels") for node in first if isinstance(node.op, Conv)
    ]
    if has_norm:
        layers.append(norm("norm1=", "out_channels"))
    parts = "a 3x3 convolution and its norm" if has_norm else "a 3x3 convolution"
    init = [
        "super().__init__()",
        *format_call(sequence("self.branch = ", tuple(layers)), column=BODY),
        "self.post = nn.ReLU()",
    ]
    body = [
        f'"""The block of a plain net, y = relu(F(x)): F is `branch`, {parts}."""',
        "",
        "def __init__(self, in_channels: int, out_channels: int) -> None:",
        *indented(init),
        "",
        "def forward(self, x: Tensor) -> Tensor:",
        *indented(['"""Returns relu(F(x))."""', "y: Tensor = self.post(self.branch(x))", "return y"]),
    ]
    return ["class Block(nn.Module):", *indented(body)]


def _initialise(spec: VggSpec) -> list[str]:
    summary = "Draws the weights of the convolutions: He et al. 2015 (arXiv 1502.01852), by fan-out."
    norms = " Norms start at scale one and shift zero, as PyTorch has it." if spec.norm is Norm.BATCH else ""
    rest = f"Those of the fc are normal with standard deviation 0.01. All biases start at zero.{norms}"
    biases = CONV_BIASES if spec.conv_bias else []
    body = [*docstring(summary, [rest], column=STEP), *CONV_WEIGHTS, *biases, *FC_WEIGHTS]
    return ["def initialise(net: nn.Module) -> None:", *indented(body)]


def _net_class(plan: Plan, spec: VggSpec) -> list[str]:
    names = [stage.name for stage in plan.stages]
    picture = f"(N, {spec.in_channels}, {spec.image_sides[0]}, {spec.image_sides[1]})"
    forward = [
        f'"""Returns the logits, (N, {spec.num_classes}), of pictures x, {picture}."""',
        *(f"x = self.{name}(x)" for name in names),
        "logits: Tensor = self.head(x)",
        "return logits",
    ]
    head = tuple(layer(f"{node.leaf}=", node.op) for node in plan.nodes_of(plan.parts[-1]))
    init = [
        "super().__init__()",
        *(line for call in _stage_calls(plan) for line in format_call(call, column=BODY)),
        *format_call(sequence("self.head = ", head), column=BODY),
        "initialise(self)",
    ]
    summary = f"{docstrings.name(spec)}: stages, head; {docstrings.num_params(plan):,} parameters."
    body = [
        *docstring(summary, [table(plan)], column=STEP),
        "",
        "def __init__(self) -> None:",
        *indented(init),
        "",
        "def forward(self, x: Tensor) -> Tensor:",
        *indented(forward),
    ]
    return ["class Net(nn.Module):", *indented(body)]


def _stage_calls(plan: Plan) -> Iterator[CallExpression]:
    for stage in plan.stages:
        in_channels, out_channels = stage.blocks[0].in_shape[0], stage.shape[0]
        arguments = (str(len(stage.blocks)), f"in_channels={in_channels}", f"out_channels={out_channels}")
        yield CallExpression(f"self.{stage.name} = make_stage", arguments)
