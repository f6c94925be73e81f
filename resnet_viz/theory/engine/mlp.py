"""Random fully connected nets: gradients and signals by layer, where the theory's formulas hold best.

Weights are normal with variance 2 / N; batch norm has no parameters. A plain layer is h = ReLU(BN(W h)), a residual one
h = h + W ReLU(BN(h)), each without BN where there is no norm. The loss is a random linear function of the last layer,
so that the gradient there is white. Shape suffixes: B rows of a batch, N units.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

_EPS: Final = 1e-5  # as torch.nn.BatchNorm1d


@dataclass(frozen=True, kw_only=True, slots=True)
class Mlp:
    """A random net.

    Attributes:
        layers: of weights.
        units: of each layer.
        batch: rows.
        is_residual: whether each layer adds to its input.
        has_norm: whether there is batch norm.
    """

    layers: int
    units: int
    batch: int
    is_residual: bool
    has_norm: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MlpCurves:
    """Measurements of a random net, one value per layer.

    Attributes:
        grad: norm of the gradient at the layer's output.
        variance: of the layer's output.
        branch_to_shortcut: squared norm of the branch divided by that of the shortcut; () for a plain net.
    """

    grad: tuple[float, ...]
    variance: tuple[float, ...]
    branch_to_shortcut: tuple[float, ...]

    @property
    def factor(self) -> float:
        """Factor of the gradient's norm at each layer towards the input."""
        return float((self.grad[0] / self.grad[-1]) ** (1 / (len(self.grad) - 1)))


def measure(mlp: Mlp, *, seed: int) -> MlpCurves:
    """Returns the curves of a net whose weights, input and loss are drawn from a seed; float64."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    x_BN = normal(mlp.batch, mlp.units).requires_grad_()
    outputs, ratios = [], []
    for _layer in range(mlp.layers):
        weight_NN = normal(mlp.units, mlp.units) * (2 / mlp.units) ** 0.5
        if mlp.is_residual:
            branch_BN = torch.relu(_normed(x_BN, mlp)) @ weight_NN.T
            ratios.append(float((branch_BN.detach().norm() / x_BN.detach().norm()) ** 2))
            x_BN = x_BN + branch_BN
        else:
            x_BN = torch.relu(_normed(x_BN @ weight_NN.T, mlp))
        outputs.append(x_BN)
    grads = torch.autograd.grad((x_BN * normal(mlp.batch, mlp.units)).sum(), outputs)
    return MlpCurves(
        grad=tuple(float(grad.norm()) for grad in grads),
        variance=tuple(float(output.detach().var()) for output in outputs),
        branch_to_shortcut=tuple(ratios),
    )


def _normed(x_BN: Tensor, mlp: Mlp) -> Tensor:
    if not mlp.has_norm:
        return x_BN
    return torch.nn.functional.batch_norm(x_BN, None, None, training=True, eps=_EPS)
