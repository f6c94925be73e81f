"""Weights into a net under any names in use, and out of it under torchvision's. torchvision itself is not needed."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Add, Complement, Multiply, Net, Scale, ZeroPad, with_spec
from resnet_viz.plan import ops
from resnet_viz.plan.torchvision_keys import BATCHES_SEEN, names_of_layers
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.files import stated_spec
from resnet_viz.weights.heads import linear_layers
from resnet_viz.weights.identify import placed_key, unknown_names
from resnet_viz.weights.key_map import RUNNING, KeyMap, as_matrix, read_keys
from resnet_viz.weights.outside import quote, recognise_surroundings, shape_text
from resnet_viz.weights.text import head_message

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


def load(
    net: Net,
    state_dict: Mapping[str, Tensor],
    *,
    stated: AnySpec | None = None,
    needs_head: bool = True,
    prefix: str | None = None,
) -> tuple[str, ...]:
    """Copies weights of any naming in use (`weights.namings`), behind any prefix, into `net`, all of them or nothing.

    Where the weights leave a choice, such as plain or residual, `net` is the choice. Numbers of batches may be missing,
    and in another naming than ours the bias of the head, which is zero then. Half precision is converted.

    Args:
        net: the net.
        state_dict: the weights, by the keys of their file.
        stated: the net that the file says they belong to; where None, what the state dict itself says, if anything.
        needs_head: whether the last layer has to be there; else the net keeps its own where it is missing.
        prefix: one of `Identified.prefixes`, where there are several nets; None for the main one.

    Returns:
        Keys of tensors that belong to no layer and were left out: other heads, statistics of losses.

    Raises:
        SpecError: the names are of no known net, or the file states another net.
        DataError: the first tensor that is missing, unexpected, of another shape or of
            no real numbers.
    """
    stated_spec.check_same_net(stated or stated_spec.of_state_dict(state_dict), net.spec)
    loaded, rest = _mapped(net, state_dict, needs_head=needs_head, prefix=prefix)
    net.load_state_dict(loaded)
    return rest


def _mapped(
    net: Net, state_dict: Mapping[str, Tensor], *, needs_head: bool, prefix: str | None
) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Returns the whole state of a net with weights in it, and the keys that belong to no layer. Raises as `load`."""
    own = net.state_dict()
    shapes = {str(key): tuple(tensor.shape) for key, tensor in state_dict.items()}
    keys = read_keys(shapes, prefix)
    if keys is None:
        raise unknown_names(shapes)
    names = {key.rpartition(".")[0] for key in own}
    given = {placed_key(ours, names, keys): theirs for theirs, ours in keys.keys.items()}
    _check_mapped(own, given, state_dict, keys, net.spec, needs_head=needs_head)
    loaded = {
        key: _real(state_dict[theirs], theirs).reshape(own[key].shape) for key, theirs in given.items() if key in own
    }
    if keys.has_affine_norms:
        loaded |= _statistics(net)
    if "head.fc.weight" in loaded and "head.fc.bias" not in loaded:
        loaded["head.fc.bias"] = torch.zeros_like(own["head.fc.bias"])
    return {**own, **loaded}, keys.rest


def _statistics(net: Net) -> dict[str, Tensor]:
    """Returns running statistics with which norms are scales and shifts alone: they divide by the root of 1."""
    norms = {name: norm for name, norm in net.named_modules() if isinstance(norm, nn.BatchNorm2d)}
    means = {f"{name}.running_mean": torch.zeros(norm.num_features) for name, norm in norms.items()}
    return means | {f"{name}.running_var": torch.ones(norm.num_features) - norm.eps for name, norm in norms.items()}


def _check_mapped(
    own: Mapping[str, Tensor],
    given: Mapping[str, str],
    state_dict: Mapping[str, Tensor],
    keys: KeyMap,
    spec: AnySpec,
    *,
    needs_head: bool,
) -> None:
    """Checks tensors by our keys against those of a net.

    Raises:
        DataError: the first that is missing, of another shape or unexpected.
    """
    for key, tensor in own.items():
        if key not in given:
            is_bare = key == "head.fc.bias" and keys.has_head_without_bias
            is_implied = key.endswith(BATCHES_SEEN) or (keys.has_affine_norms and key.endswith(RUNNING))
            if is_implied or is_bare or (key.startswith("head.fc") and not needs_head):
                continue
            raise _missing(key, keys, state_dict, spec)
        got, shape = tuple(state_dict[given[key]].shape), tuple(tensor.shape)
        if as_matrix(key, got) != shape:
            raise DataError(
                _("These weights are of another net: {key} has the shape {got}, this net needs {needed}.").format(
                    key=quote(given[key]), got=shape_text(got), needed=shape_text(shape)
                )
            )
    unexpected = [theirs for key, theirs in given.items() if key not in own]
    for theirs in (*unexpected, *keys.inside):
        raise DataError(_("These weights are of another net: {key} is unexpected.").format(key=quote(theirs)))


def _missing(key: str, keys: KeyMap, state_dict: Mapping[str, Tensor], spec: AnySpec) -> DataError:
    """Returns the refusal of weights without a tensor of a net; a head of another form is named."""
    other_head = linear_layers(keys.rest, {theirs: tuple(state_dict[theirs].shape) for theirs in keys.rest})
    if key.startswith("head.fc") and (other_head or recognise_surroundings(keys.rest, other_head)):
        return DataError(head_message(spec, other_head, keys.rest))
    return DataError(_("These weights are of another net: {key} is missing.").format(key=quote(keys.their_key(key))))


def _real(tensor: Tensor, key: str) -> Tensor:
    """Returns a tensor of real numbers.

    Raises:
        DataError: it holds complex numbers, or whole ones where they count nothing.
    """
    if tensor.is_complex() or not (tensor.is_floating_point() or key.endswith(BATCHES_SEEN)):
        raise DataError(
            _("{key} holds numbers of the type {dtype}; weights are real numbers.").format(
                key=quote(key), dtype=str(tensor.dtype).removeprefix("torch.")
            )
        )
    return tensor


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
