"""What a map can be asked of, and whether it is one."""

from collections.abc import Iterable

from torch import Tensor, nn

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net


def check_target(net: Net, target: int) -> None:
    """Raises SpecError where the net has no such class."""
    *_others, last = (module for module in net.modules() if isinstance(module, nn.Linear))
    if not 0 <= target < last.out_features:
        raise SpecError(
            _("This net has {count} classes, 0 to {last}; got {target}.").format(
                count=last.out_features, last=last.out_features - 1, target=target
            )
        )


def check_finite(maps: Iterable[Tensor]) -> None:
    """Raises SpecError where a map holds infinities or what is no number: the net's training has blown up."""
    if not all(each.isfinite().all() for each in maps):
        raise SpecError(
            _("The scores or gradients of this net are too large to be numbers; it has no map. Take an earlier step.")
        )
