"""Attribution maps: Captum's methods on a net and an image, with progress, bounded memory and one seed.

Shape suffixes: 1 image, C channels, H and W pixels.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from resnet_viz.attribution.engine.baselines import baseline
from resnet_viz.attribution.engine.captum_calls import CAPTUM_CALLS, CaptumInputs
from resnet_viz.attribution.engine.hooks import instrumented, seeded
from resnet_viz.attribution.engine.limits import batch_size, check_finite, check_target
from resnet_viz.attribution.engine.per_block import conductance_of_blocks, gradcam_of_blocks
from resnet_viz.attribution.engine.progress import Tick
from resnet_viz.attribution.methods import Method, checked_params, method_of
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net

__all__ = ["Attribution", "attribute", "baseline", "conductance_of_blocks", "gradcam_of_blocks"]

_LONGEST: Final = 40  # characters of a wrong name that an error repeats


class Attribution(NamedTuple):
    """Result of a method.

    Attributes:
        values: the map: (C, H, W) of the image, or (h, w) of the layer.
        delta: sum of the map minus the logit's change from baseline to image; None for a method without one.
    """

    values: Tensor
    delta: float | None = None


def attribute(  # noqa: PLR0913 - an image, a method and what each method may need
    net: Net,
    x_1CHW: Tensor,
    *,
    target: int,
    method: str,
    params: Mapping[str, object],
    layer: str | None,
    baseline_1CHW: Tensor | None,
    tick: Tick,
    seed: int = 0,
) -> Attribution:
    """Returns the map of one method for one logit, as Captum computes it.

    Hooks, weights and random generators are the same afterwards.

    Args:
        net: in evaluation mode, on the CPU.
        x_1CHW: the normalised image.
        target: class whose logit is explained.
        method: one of METHODS.
        params: its parameters; missing ones take their defaults.
        layer: name of a module whose output is a map, for methods that need one; others ignore it.
        baseline_1CHW: for methods that have one; None is the mean training pixel.
        tick: receives the share that is done; it may raise, which ends the work.
        seed: of the noise of GradientShap and SmoothGrad.

    Raises:
        SpecError: an unknown method, parameter, layer or class, or logits that are not finite.
        BudgetError: too many forward passes.
    """
    assert not net.training, "in training mode a batch normalisation mixes images and changes the net"
    assert len(x_1CHW) == 1, "one image"
    row = method_of(method)
    filled = checked_params(method, params, image_size=x_1CHW.shape[-1])
    check_target(net, target)
    start_1CHW = torch.zeros_like(x_1CHW) if baseline_1CHW is None else baseline_1CHW
    asked = CaptumInputs(
        net=net,
        x_1CHW=x_1CHW.detach().clone(),  # Captum asks for its gradient, and after a failure leaves it so
        baseline_1CHW=start_1CHW.detach(),
        target=target,
        params=filled,
        layer=_layer(net, row, layer) if row.needs_layer else None,
        at_once=batch_size(net, x_1CHW),
    )
    with instrumented(net, tick=tick, forwards=row.forwards(filled, x_1CHW.shape[-1])), seeded(seed):
        values, delta = CAPTUM_CALLS[method](asked)
    check_finite([values])
    return Attribution(values.detach(), delta)


def _layer(net: Net, method: Method, name: str | None) -> nn.Module:
    names: dict[str, nn.Module] = {own: module for own, module in net.named_modules() if own}
    if name and name in names:
        return names[name]
    *_others, example = net.blocks
    if not name:
        raise SpecError(_("{method} needs a layer, such as {example}.").format(method=method.title, example=example))
    raise SpecError(
        _("This net has no layer {name!r}; an example is {example}.").format(name=name[:_LONGEST], example=example)
    )
