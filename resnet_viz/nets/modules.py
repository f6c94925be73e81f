"""The torch modules of a net. Each `forward` reads like the equation in its docstring.

Shape suffixes: N images of a batch, C channels, H and W pixels, K classes. Nothing is done in place and every module is
used once, so that hooks and attribution see each step.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.files import stated_spec


class ZeroPad(nn.Module):
    """Option A of He et al. 2015: h(x) is every `stride`-th pixel of x, the new channels filled with zeros."""

    def __init__(self, extra_channels: int, stride: int) -> None:
        super().__init__()
        self.extra_channels = extra_channels
        self.stride = stride

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Returns the image padded after its last channel, as in the paper."""
        sampled_NCHW = x_NCHW[:, :, :: self.stride, :: self.stride]
        return F.pad(sampled_NCHW, (0, 0, 0, 0, 0, self.extra_channels))


class Add(nn.Module):
    """F(x) + h(x), a module of its own so that it can be watched."""

    def forward(self, branch_NCHW: Tensor, shortcut_NCHW: Tensor) -> Tensor:
        """Returns the sum of branch and shortcut."""
        return branch_NCHW + shortcut_NCHW


class Scale(nn.Module):
    """factor * x, with a constant factor."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Returns the scaled map."""
        return self.factor * x_NCHW


class Complement(nn.Module):
    """1 - g: what a gate leaves to the shortcut."""

    def forward(self, gate_NCHW: Tensor) -> Tensor:
        """Returns the rest up to one."""
        return 1 - gate_NCHW


class Multiply(nn.Module):
    """g * x, element by element."""

    def forward(self, x_NCHW: Tensor, gate_NCHW: Tensor) -> Tensor:
        """Returns what the gate lets through."""
        return x_NCHW * gate_NCHW


class Dropout(nn.Dropout):
    """x with a share of its values set to zero and the others made larger for it.

    Attributes:
        generator: draws which; torch's global one where None. Nets that train side by side need one each.
    """

    def __init__(self, rate: float) -> None:
        super().__init__(rate)
        self.generator: torch.Generator | None = None

    def forward(self, input: Tensor) -> Tensor:
        """Returns what is left while training, and x itself otherwise."""
        if self.generator is None or not self.training:
            return super().forward(input)
        kept = torch.empty_like(input).bernoulli_(1 - self.p, generator=self.generator)
        return input * kept / (1 - self.p)


class PlainBlock(nn.Module):
    """y = f(F(x)): the block of a plain net."""

    def __init__(self, *, branch: nn.Sequential, post: nn.Sequential) -> None:
        super().__init__()
        self.branch = branch
        self.post = post

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Returns y."""
        y_NCHW: Tensor = self.post(self.branch(x_NCHW))
        return y_NCHW


class ResidualBlock(nn.Module):
    """y = f(F(p) + h(p)) with p = pre(x): He et al. 2016, equations 1 and 2.

    `pre` is empty except where both paths read the activated input (first unit and changes of shape of
    pre-activation nets); `shortcut` is empty where h is the identity; `post` is empty where f is. Constant factors and
    dropout (2016, fig. 2 b and f) are the last modules of `branch` and `shortcut`.
    """

    def __init__(
        self, *, pre: nn.Sequential, branch: nn.Sequential, shortcut: nn.Sequential, post: nn.Sequential
    ) -> None:
        super().__init__()
        self.pre = pre
        self.branch = branch
        self.shortcut = shortcut
        self.add = Add()
        self.post = post

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Returns y."""
        p_NCHW = self.pre(x_NCHW)
        y_NCHW: Tensor = self.post(self.add(self.branch(p_NCHW), self.shortcut(p_NCHW)))
        return y_NCHW


class ExclusiveGatedBlock(nn.Module):
    """y = f(g(p) * F(p) + (1 - g(p)) * h(p)) with p = pre(x): He et al. 2016, fig. 2 c.

    `gate` is g(p) = sigmoid(W_g p + b_g); the rest is as in a `ResidualBlock`.
    """

    def __init__(
        self,
        *,
        pre: nn.Sequential,
        branch: nn.Sequential,
        gate: nn.Sequential,
        shortcut: nn.Sequential,
        post: nn.Sequential,
    ) -> None:
        super().__init__()
        self.pre = pre
        self.branch = branch
        self.gate = gate
        self.gated_branch = Multiply()
        self.shortcut = shortcut
        self.one_minus_gate = Complement()
        self.gated_shortcut = Multiply()
        self.add = Add()
        self.post = post

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Returns y."""
        p_NCHW = self.pre(x_NCHW)
        branch_NCHW = self.branch(p_NCHW)
        gate_NCHW = self.gate(p_NCHW)
        branch_NCHW = self.gated_branch(branch_NCHW, gate_NCHW)
        shortcut_NCHW = self.gated_shortcut(self.shortcut(p_NCHW), self.one_minus_gate(gate_NCHW))
        y_NCHW: Tensor = self.post(self.add(branch_NCHW, shortcut_NCHW))
        return y_NCHW


class ShortcutGatedBlock(nn.Module):
    """y = f(F(p) + (1 - g(p)) * h(p)) with p = pre(x): He et al. 2016, fig. 2 d.

    `gate` is g(p) = sigmoid(W_g p + b_g); the rest is as in a `ResidualBlock`.
    """

    def __init__(
        self,
        *,
        pre: nn.Sequential,
        branch: nn.Sequential,
        gate: nn.Sequential,
        shortcut: nn.Sequential,
        post: nn.Sequential,
    ) -> None:
        super().__init__()
        self.pre = pre
        self.branch = branch
        self.gate = gate
        self.shortcut = shortcut
        self.one_minus_gate = Complement()
        self.gated_shortcut = Multiply()
        self.add = Add()
        self.post = post

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Returns y."""
        p_NCHW = self.pre(x_NCHW)
        branch_NCHW = self.branch(p_NCHW)
        gate_NCHW = self.gate(p_NCHW)
        shortcut_NCHW = self.gated_shortcut(self.shortcut(p_NCHW), self.one_minus_gate(gate_NCHW))
        y_NCHW: Tensor = self.post(self.add(branch_NCHW, shortcut_NCHW))
        return y_NCHW


class Head(nn.Module):
    """Logits: fc(global average pool), after the last activation in a pre-activation net."""

    def __init__(self, *, before: OrderedDict[str, nn.Module], pool: nn.Module, fc: nn.Linear) -> None:
        super().__init__()
        for name, module in before.items():
            self.add_module(name, module)
        self._before = tuple(before)
        self.pool = pool
        self.fc = fc

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Returns the logits, (N, K)."""
        for name in self._before:
            x_NCHW = self.get_submodule(name)(x_NCHW)
        logits_NK: Tensor = self.fc(self.pool(x_NCHW).flatten(1))
        return logits_NK


def with_spec(net: "Net", state: Mapping[str, Tensor]) -> OrderedDict[str, Tensor]:
    """Returns a state dict of a net under other keys, which states the net's spec as `net.state_dict()` does."""
    stated = OrderedDict(state)
    stated._metadata = {"": {stated_spec.KEY: stated_spec.to_text(net.spec)}}  # type: ignore[attr-defined]
    return stated


def _state_spec(net: nn.Module, _state: Mapping[str, Tensor], _prefix: str, metadata: dict[str, Any]) -> None:
    """Puts the spec of a net into what torch keeps beside its state dict."""
    assert isinstance(net, Net)
    metadata[stated_spec.KEY] = stated_spec.to_text(net.spec)


class Net(nn.Module):
    """Stem, stages, head; a VGG net has no stem. Module names are the node names of the plan that it was built from.

    Attributes:
        spec: of the net. Its state dict states it beside the tensors, so that a file of it opens as what it is.
    """

    def __init__(
        self, *, spec: AnySpec, before_head: OrderedDict[str, nn.Sequential], head: Head | nn.Sequential
    ) -> None:
        super().__init__()
        self.spec = spec
        for name, part in before_head.items():
            self.add_module(name, part)
        self._before_head = tuple(before_head)
        self.head = head
        self.register_state_dict_post_hook(_state_spec)  # type: ignore[no-untyped-call]

    @property
    def blocks(self) -> dict[str, nn.Module]:
        """The blocks in running order, by name: "stage1.block1"."""
        return dict(self._walk_blocks())

    @property
    def pieces(self) -> dict[str, nn.Module]:
        """The modules that the net calls one after the other, by name: layers of the stem, blocks, pools, the head."""
        parts = {part: self.get_submodule(part) for part in self._before_head}
        before = {f"{part}.{name}": module for part, found in parts.items() for name, module in found.named_children()}
        return before | {"head": self.head}

    def draw_dropout_from(self, generator: torch.Generator) -> bool:
        """Gives the net a generator of its own for its dropout; returns whether it has any."""
        layers = [module for module in self.modules() if isinstance(module, Dropout)]
        for layer in layers:
            layer.generator = generator
        return bool(layers)

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Returns the logits, (N, K)."""
        for name in self._before_head:
            x_NCHW = self.get_submodule(name)(x_NCHW)
        logits_NK: Tensor = self.head(x_NCHW)
        return logits_NK

    def _walk_blocks(self) -> Iterator[tuple[str, nn.Module]]:
        for part in self._before_head:
            for name, module in self.get_submodule(part).named_children():
                if isinstance(module, PlainBlock | ResidualBlock | ExclusiveGatedBlock | ShortcutGatedBlock):
                    yield f"{part}.{name}", module
