"""A net in the style of Dive into Deep Learning: class Residual, resnet_block, and blocks b1, b2, ... in a row."""

from typing import Final

from resnet_viz.export.formatter import STEP, CallExpression, format_call, indented
from resnet_viz.plan.plan import Plan
from resnet_viz.spec.net import NetSpec

PARAGRAPHS: Final[tuple[str | list[str], ...]] = (
    ["Dive into Deep Learning, section 8.6 (7.6 of the Chinese edition): d2l.ai, zh.d2l.ai."],
    "Two differences from the nets of the paper: convolutions have biases, which the norms behind them make "
    "superfluous, and the 1x1 convolution of a shortcut has no norm.",
)
IMPORTS: Final[tuple[str, ...]] = (
    "import torch",
    "from torch import Tensor, nn",
    "from torch.nn import functional as F",
)

RESIDUAL: Final = '''\
class Residual(nn.Module):
    """The residual block: relu(F(X) + X), or with a 1x1 convolution relu(F(X) + conv3(X))."""

    def __init__(
        self, input_channels: int, num_channels: int, use_1x1conv: bool = False, strides: int = 1
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            input_channels, num_channels, kernel_size=3, padding=1, stride=strides
        )
        self.conv2 = nn.Conv2d(num_channels, num_channels, kernel_size=3, padding=1)
        self.conv3 = None
        if use_1x1conv:
            self.conv3 = nn.Conv2d(input_channels, num_channels, kernel_size=1, stride=strides)
        self.bn1 = nn.BatchNorm2d(num_channels)
        self.bn2 = nn.BatchNorm2d(num_channels)

    def forward(self, X: Tensor) -> Tensor:
        """Returns the sum of branch and shortcut, activated."""
        Y = F.relu(self.bn1(self.conv1(X)))
        Y = self.bn2(self.conv2(Y))
        if self.conv3 is not None:
            X = self.conv3(X)
        Y += X
        return F.relu(Y)
'''.splitlines()

RESNET_BLOCK: Final = '''\
def resnet_block(
    input_channels: int, num_channels: int, num_residuals: int, first_block: bool = False
) -> list[nn.Module]:
    """Returns residual blocks; the first halves the picture, but not behind the pool."""
    blk: list[nn.Module] = []
    for i in range(num_residuals):
        if i == 0 and not first_block:
            blk.append(Residual(input_channels, num_channels, use_1x1conv=True, strides=2))
        else:
            blk.append(Residual(num_channels, num_channels))
    return blk
'''.splitlines()


def d2l_definitions(plan: Plan) -> list[list[str]]:
    """Returns the lines of each class and function of the file."""
    spec = plan.spec
    assert isinstance(spec, NetSpec)
    first, last = spec.widths[0], spec.widths[-1]
    stem = CallExpression(
        "b1 = nn.Sequential",
        (
            f"nn.Conv2d({spec.in_channels}, {first}, kernel_size=7, stride=2, padding=3)",
            f"nn.BatchNorm2d({first})",
            "nn.ReLU()",
            "nn.MaxPool2d(kernel_size=3, stride=2, padding=1)",
        ),
    )
    behind_pool = ", first_block=True"
    widths = zip((first, *spec.widths), spec.widths, spec.blocks, strict=False)
    stages = [
        f"b{number + 2} = nn.Sequential(*resnet_block({before}, {width}, {count}{behind_pool * (number == 0)}))"
        for number, (before, width, count) in enumerate(widths)
    ]
    names = [f"b{number}" for number in range(1, len(spec.blocks) + 2)]
    head = ("nn.AdaptiveAvgPool2d((1, 1))", "nn.Flatten()", f"nn.Linear({last}, {spec.num_classes})")
    body = [
        '"""Returns the net, a module after the other."""',
        *format_call(stem, column=STEP),
        *stages,
        *format_call(CallExpression("return nn.Sequential", (*names, *head)), column=STEP),
    ]
    return [RESIDUAL, RESNET_BLOCK, ["def make_net() -> nn.Sequential:", *indented(body)]]
