"""PyTorch calls of the layers of a plan."""

from typing import assert_never

from resnet_viz.export.formatter import CallExpression
from resnet_viz.plan import ops


def conv(
    head: str, op: ops.Conv, in_channels: str, out_channels: str, *, stride: str = "", dilation: str = ""
) -> CallExpression:
    """Returns a convolution; channels, stride and dilation may be names in place of the numbers of `op`.

    PyTorch's defaults (stride 1, no padding, one group, a bias) are left out.
    """
    stride = stride or ("" if op.stride == 1 else str(op.stride))
    reach = op.kernel // 2
    padding = (dilation if reach == 1 else f"{reach} * {dilation}") if dilation else str(op.padding or "")
    dilation = dilation or ("" if op.dilation == 1 else str(op.dilation))
    groups = "" if op.groups == 1 else str(op.groups)
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    named = [f"{name}={value}" for name, value in options.items() if value]
    if not op.has_bias:
        named.append("bias=False")
    return CallExpression(f"{head}nn.Conv2d", (in_channels, out_channels, str(op.kernel), *named))


def layer(head: str, op: ops.Op) -> CallExpression:
    """Returns a layer of the stem or the head, whose numbers are fixed."""
    match op:
        case ops.Conv(in_channels, out_channels):
            return conv(head, op, str(in_channels), str(out_channels))
        case ops.BatchNorm(channels):
            return norm(head, str(channels))
        case ops.ReLU():
            return CallExpression(f"{head}nn.ReLU")
        case ops.MaxPool(kernel, stride, padding):
            named = [f"padding={padding}"] if padding else []
            return CallExpression(f"{head}nn.MaxPool2d", (str(kernel), f"stride={stride}", *named))
        case ops.AdaptiveAvgPool(side):
            return CallExpression(f"{head}nn.AdaptiveAvgPool2d", (str(side),))
        case ops.Flatten():
            return CallExpression(f"{head}nn.Flatten")
        case ops.Dropout(rate):
            return CallExpression(f"{head}nn.Dropout", (str(rate),))
        case ops.GlobalAvgPool():
            return CallExpression(f"{head}nn.AdaptiveAvgPool2d", ("1",))
        case ops.Linear(in_features, out_features):
            return CallExpression(f"{head}nn.Linear", (str(in_features), str(out_features)))
        case (
            ops.ZeroPad() | ops.Add() | ops.Scale() | ops.Sigmoid() | ops.Complement() | ops.Multiply() | ops.Dropout()
        ):
            raise AssertionError(f"{op} stands in blocks only")
        case _:
            assert_never(op)


def norm(head: str, channels: str) -> CallExpression:
    """Returns a batch normalisation; `channels` may be a name."""
    return CallExpression(f"{head}nn.BatchNorm2d", (channels,))


def sequence(head: str, layers: tuple[str | CallExpression, ...]) -> CallExpression:
    """Returns a sequence of named layers, one a line if there are several."""
    return CallExpression(f"{head}sequence", layers, is_tall=len(layers) > 1)
