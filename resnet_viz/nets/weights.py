"""Weights to and from torchvision: the same tensors under torchvision's names. torchvision itself is not needed."""

from collections.abc import Mapping

from torch import Tensor, nn

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Add, Complement, Multiply, Net, Scale, ZeroPad, with_spec
from resnet_viz.plan import ops
from resnet_viz.plan.torchvision_keys import BATCHES_SEEN, names_of_layers

_LONGEST = 80  # characters of a foreign key that are repeated to the reader


def to_torchvision(net: Net) -> dict[str, Tensor]:
    """Returns the state of `net` under torchvision's keys, in torchvision's order.

    The tensors are those of the net, as in `net.state_dict()`: clone them to keep them over a training step.

    Raises:
        SpecError: torchvision's ResNet or VGG class makes no such net; the message gives the reason.
    """
    state = net.state_dict()
    return with_spec(net, {theirs: state[ours] for ours, theirs in names_of_layers(_layers(net)).items()})


def load_torchvision(net: Net, state_dict: Mapping[str, Tensor]) -> None:
    """Copies a state dict with torchvision's keys into `net`, all of it or nothing.

    Every key must be there, no other, each of the net's shape. Only `num_batches_tracked` may be missing throughout,
    as in files from before torch 0.4.1; the net's own counts stay then.

    Raises:
        SpecError: torchvision's ResNet or VGG class makes no such net.
        DataError: the first key that is missing, unexpected or of another shape.
    """
    names = names_of_layers(_layers(net))
    own = net.state_dict()
    if not any(key.endswith(BATCHES_SEEN) for key in state_dict):
        names = {ours: theirs for ours, theirs in names.items() if not ours.endswith(BATCHES_SEEN)}
    _check({theirs: own[ours] for ours, theirs in names.items()}, state_dict)
    net.load_state_dict({**own, **{ours: state_dict[theirs] for ours, theirs in names.items()}})


def load(net: Net, state_dict: Mapping[str, Tensor]) -> None:
    """Copies a state dict with our keys or with torchvision's into `net`, all of it or nothing.

    Raises:
        SpecError: the keys are not ours, and torchvision's ResNet class makes no such net.
        DataError: the first key that is missing, unexpected or of another shape.
    """
    own = net.state_dict()
    if own.keys().isdisjoint(state_dict):
        load_torchvision(net, state_dict)
        return
    has_counts = any(key.endswith(BATCHES_SEEN) for key in state_dict)
    _check({key: own[key] for key in own if has_counts or not key.endswith(BATCHES_SEEN)}, state_dict)
    net.load_state_dict({**own, **state_dict})


def _check(expected: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> None:
    """Checks keys and shapes.

    Raises:
        DataError: the first key that is missing, unexpected or of another shape.
    """
    for key, tensor in expected.items():
        if key not in given:
            raise DataError(_("These weights are of another net: {key} is missing.").format(key=key))
        if given[key].shape != tensor.shape:
            raise DataError(
                _("These weights are of another net: {key} has the shape {got}, this net needs {needed}.").format(
                    key=key, got=tuple(given[key].shape), needed=tuple(tensor.shape)
                )
            )
    for key in given:
        if key not in expected:
            raise DataError(
                _("These weights are of another net: {key!r} is unexpected.").format(key=str(key)[:_LONGEST])
            )


def _layers(net: Net) -> dict[str, ops.Op]:
    """Returns the operations of a built net by node name, read back from its modules."""
    found = ((name, _op(module)) for name, module in net.named_modules())
    return {name: op for name, op in found if op is not None}


def _op(module: nn.Module) -> ops.Op | None:
    """Returns the operation of a module, None for a container."""
    match module:
        case nn.Conv2d():
            return _conv(module)
        case nn.BatchNorm2d():
            return ops.BatchNorm(module.num_features)
        case nn.Linear():
            return ops.Linear(module.in_features, module.out_features)
        case nn.ReLU():
            return ops.RELU
        case nn.MaxPool2d():
            return ops.MaxPool(_side(module.kernel_size), _side(module.stride), _side(module.padding))
        case nn.AdaptiveAvgPool2d():
            side = _side(module.output_size)
            return ops.GlobalAvgPool() if side == 1 else ops.AdaptiveAvgPool(side)
        case nn.Flatten():
            return ops.Flatten()
        case nn.Dropout():
            return ops.Dropout(module.p)
        case Add():
            return ops.ADD
        case ZeroPad():
            return ops.ZeroPad(0, module.extra_channels, module.stride)
        case _:
            return _op_of_shortcut(module)


def _op_of_shortcut(module: nn.Module) -> ops.Op | None:
    match module:
        case Scale():
            return ops.Scale(module.factor)
        case nn.Sigmoid():
            return ops.SIGMOID
        case Complement():
            return ops.COMPLEMENT
        case Multiply():
            return ops.MULTIPLY
        case nn.Dropout():
            return ops.Dropout(module.p)
        case _:
            return None


def _side(size: object) -> int:
    """Returns one side of a size that torch keeps as one number or as several equal ones."""
    side = size[0] if isinstance(size, tuple) else size
    assert isinstance(side, int)
    return side


def _conv(module: nn.Conv2d) -> ops.Conv:
    return ops.Conv(
        module.in_channels,
        module.out_channels,
        kernel=module.kernel_size[0],
        stride=module.stride[0],
        padding=int(module.padding[0]),
        has_bias=module.bias is not None,
        dilation=module.dilation[0],
        groups=module.groups,
    )
