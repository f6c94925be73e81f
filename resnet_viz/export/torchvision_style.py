"""A net in the style of torchvision's resnet.py: BasicBlock or Bottleneck, and the ResNet class around them.

The class of course notes is the same with ResidualBlock for BasicBlock and without what needs bottlenecks.
"""

from collections.abc import Iterator
from typing import Final

from resnet_viz.export.formatter import STEP, CallExpression, format_call, indented
from resnet_viz.export.style import CodeStyle
from resnet_viz.plan.plan import Plan
from resnet_viz.spec.enums import BlockKind
from resnet_viz.spec.net import USUAL_WIDTH_PER_GROUP, NetSpec

IMPORTS: Final[tuple[str, ...]] = ("import torch", "from torch import Tensor, nn")
NOTE_IMPORTS: Final[tuple[str, ...]] = (*IMPORTS, "from torch.nn import functional as F")
PARAGRAPHS: Final[tuple[str | list[str], ...]] = (
    ["torchvision.models.resnet, reduced to what this net uses (github.com/pytorch/vision)."],
    "The weights have torchvision's names, so that its files can be loaded.",
)
NOTE_PARAGRAPHS: Final[tuple[str | list[str], ...]] = (
    "As in course notes: a simplified torchvision.models.resnet, whose names the weights have. Its class ignores the "
    "expansion of a block, so that it makes nets of basic blocks only.",
)

_RESIDUAL_BLOCK: Final = '''\
class ResidualBlock(nn.Module):
    """The residual block: relu(F(x) + identity)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            in_channels, out_channels, kernel_size=3, stride=stride, padding=1, bias=False
        )
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(
            out_channels, out_channels, kernel_size=3, stride=1, padding=1, bias=False
        )
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.downsample = downsample  # of the shortcut, where the shape changes

    def forward(self, x: Tensor) -> Tensor:
        """Returns the sum of branch and shortcut, activated."""
        identity = x
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return F.relu(out)
'''.splitlines()

_CONVS: Final = '''\
def conv3x3(
    in_planes: int, out_planes: int, stride: int = 1, groups: int = 1, dilation: int = 1
) -> nn.Conv2d:
    """Returns a 3x3 convolution with padding."""
    return nn.Conv2d(
        in_planes,
        out_planes,
        kernel_size=3,
        stride=stride,
        padding=dilation,
        groups=groups,
        bias=False,
        dilation=dilation,
    )


def conv1x1(in_planes: int, out_planes: int, stride: int = 1) -> nn.Conv2d:
    """Returns a 1x1 convolution."""
    return nn.Conv2d(in_planes, out_planes, kernel_size=1, stride=stride, bias=False)
'''.splitlines()

_BASIC_BLOCK: Final = '''\
class BasicBlock(nn.Module):
    """Two 3x3 convolutions: relu(F(x) + identity)."""

    expansion = 1

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        if groups != 1 or base_width != 64 or dilation != 1:
            raise ValueError("BasicBlock has groups=1, base_width=64 and dilation=1 only")
        self.conv1 = conv3x3(inplanes, planes, stride)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Returns the sum of branch and shortcut, activated."""
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)
'''.splitlines()

_BOTTLENECK: Final = '''\
class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions, relu(F(x) + identity); the 3x3 has the stride ("v1.5")."""

    expansion = 4

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        width = planes * base_width // 64 * groups
        self.conv1 = conv1x1(inplanes, width)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv3x3(width, width, stride, groups, dilation)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = conv1x1(width, planes * self.expansion)
        self.bn3 = nn.BatchNorm2d(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Returns the sum of branch and shortcut, activated."""
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)
'''.splitlines()

_STEM: Final = """\
        self.conv1 = nn.Conv2d({in_channels}, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
"""
_FORWARD: Final = '''\
    def forward(self, x: Tensor) -> Tensor:
        """Returns the logits, (N, {num_classes}), of pictures x, (N, {in_channels}, {height}, {width})."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        x = torch.flatten(self.avgpool(x), 1)
        return self.fc(x)
'''

_NOTE_CLASS: Final = f'''\
class ResNet(nn.Module):
    """ResNet of residual blocks: stem, four layers of blocks, fc."""

    def __init__(
        self, block: type[ResidualBlock], layers: list[int], num_classes: int = 10
    ) -> None:
        super().__init__()
        self.in_channels = 64
{_STEM}
        self.layer1 = self._make_layer(block, 64, layers[0])
        self.layer2 = self._make_layer(block, 128, layers[1], stride=2)
        self.layer3 = self._make_layer(block, 256, layers[2], stride=2)
        self.layer4 = self._make_layer(block, 512, layers[3], stride=2)

        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512, num_classes)

    def _make_layer(
        self, block: type[ResidualBlock], out_channels: int, blocks: int, stride: int = 1
    ) -> nn.Sequential:
        downsample = None
        if stride != 1 or self.in_channels != out_channels:
            downsample = nn.Sequential(
                nn.Conv2d(self.in_channels, out_channels, kernel_size=1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )
        layers = [block(self.in_channels, out_channels, stride, downsample)]
        self.in_channels = out_channels
        for _ in range(1, blocks):
            layers.append(block(out_channels, out_channels))
        return nn.Sequential(*layers)

{_FORWARD}'''

_CLASS: Final = f'''\
class ResNet(nn.Module):
    """ResNet of torchvision: stem, four layers of blocks, fc."""

    def __init__(
        self,
        block: type[{{block}}],
        layers: list[int],
        num_classes: int = 1000,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: tuple[bool, bool, bool] = (False, False, False),
    ) -> None:
        super().__init__()
        self.inplanes = 64
        self.dilation = 1
        self.groups = groups
        self.base_width = width_per_group
{_STEM}\
        dilates = replace_stride_with_dilation
        self.layer1 = self._make_layer(block, 64, layers[0])
        self.layer2 = self._make_layer(block, 128, layers[1], stride=2, dilate=dilates[0])
        self.layer3 = self._make_layer(block, 256, layers[2], stride=2, dilate=dilates[1])
        self.layer4 = self._make_layer(block, 512, layers[3], stride=2, dilate=dilates[2])
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.expansion, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
{{zeros}}
    def _make_layer(
        self,
        block: type[{{block}}],
        planes: int,
        blocks: int,
        stride: int = 1,
        dilate: bool = False,
    ) -> nn.Sequential:
        downsample = None
        previous_dilation = self.dilation
        if dilate:  # the resolution stays, where a stride would halve it
            self.dilation *= stride
            stride = 1
        if stride != 1 or self.inplanes != planes * block.expansion:
            downsample = nn.Sequential(
                conv1x1(self.inplanes, planes * block.expansion, stride),
                nn.BatchNorm2d(planes * block.expansion),
            )
        shape = (self.groups, self.base_width)
        layers = [block(self.inplanes, planes, stride, downsample, *shape, previous_dilation)]
        self.inplanes = planes * block.expansion
        for _ in range(1, blocks):
            layers.append(block(self.inplanes, planes, 1, None, *shape, self.dilation))
        return nn.Sequential(*layers)

{_FORWARD}'''
_ZEROS: Final = """\
        for module in self.modules():
            if isinstance(module, {block}):  # every residual branch begins at zero
                nn.init.zeros_(module.{last_norm}.weight)
"""


def torchvision_definitions(plan: Plan, style: CodeStyle) -> list[list[str]]:
    """Returns the lines of each class and function of the file, in torchvision's own style or that of the note."""
    spec = plan.spec
    assert isinstance(spec, NetSpec)
    height, width = spec.image_sides
    sizes = {"in_channels": spec.in_channels, "num_classes": spec.num_classes, "height": height, "width": width}
    if style is CodeStyle.NOTE:
        made = CallExpression(
            "return ResNet", ("ResidualBlock", str(list(spec.blocks)), f"num_classes={spec.num_classes}")
        )
        return [_RESIDUAL_BLOCK, _NOTE_CLASS.format(**sizes).splitlines(), _make_net(made)]
    is_basic = spec.block is BlockKind.BASIC
    block = "BasicBlock" if is_basic else "Bottleneck"
    zeros = _ZEROS.format(block=block, last_norm="bn2" if is_basic else "bn3") if spec.zero_init_residual else ""
    return [
        _CONVS,
        _BASIC_BLOCK if is_basic else _BOTTLENECK,
        _CLASS.format(block=block, zeros=zeros, **sizes).splitlines(),
        _make_net(CallExpression("return ResNet", (block, str(list(spec.blocks)), *_arguments(spec)))),
    ]


def _make_net(made: CallExpression) -> list[str]:
    return ["def make_net() -> ResNet:", *indented(['"""Returns the net."""', *format_call(made, column=STEP)])]


def _arguments(spec: NetSpec) -> Iterator[str]:
    yield f"num_classes={spec.num_classes}"
    if spec.cardinality > 1:
        yield f"groups={spec.cardinality}"
    if spec.width_per_group != USUAL_WIDTH_PER_GROUP:
        yield f"width_per_group={spec.width_per_group}"
    if spec.dilated_stages:
        yield f"replace_stride_with_dilation={tuple(number in spec.dilated_stages for number in (2, 3, 4))}"
