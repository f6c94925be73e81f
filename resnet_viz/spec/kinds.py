"""Which kind of spec a named net is, and which fields that kind has."""

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import VGG, VggSpec

_LONGEST = 40  # characters of a wrong name that are repeated to its author


def kind_of(name: str) -> type[NetSpec] | type[VggSpec]:
    """Returns what a named net is an instance of; what has no name counts as a residual net."""
    return VggSpec if name in VGG else NetSpec


def fields_of(name: str) -> tuple[str, ...]:
    """Returns the names of all fields that a named net has, in order."""
    return tuple(kind_of(name).__dataclass_fields__)


def check_field(name: str, field: str) -> None:
    """Raises SpecError where a named net has no such field; the sentence names those that it has."""
    own = fields_of(name)
    if field not in own:
        raise SpecError(
            _("{net} has no field {field!r}; its fields are {fields}.").format(
                net=name, field=field[:_LONGEST], fields=", ".join(own)
            )
        )
