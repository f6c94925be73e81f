"""The arguments that name a net, shared by the commands."""

import argparse
from collections.abc import Sequence

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.vgg import AnySpec


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the preset's name and `--set field=value`."""
    parser.add_argument("net", help=_("a preset, such as resnet50 or cifar_resnet56"))
    parser.add_argument(
        "--set",
        dest="changes",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help=_("change a field of the preset; may be given several times"),
    )


def spec_of(chosen: argparse.Namespace) -> AnySpec:
    """Returns the net that the arguments describe.

    Raises:
        SpecError: an unknown preset or field, a wrong value, or `--set` without an equals sign.
    """
    changes = changes_of(chosen.changes)
    for name, value in changes.items():
        codec.parse_field(name, value)  # an unknown field is refused, where an address may hold someone else's
    return codec.from_query({codec.NET: chosen.net, **changes}, default=chosen.net)


def changes_of(texts: Sequence[str]) -> dict[str, str]:
    """Returns field -> value of the texts behind `--set`; of a field that is set twice the last value holds.

    Raises:
        SpecError: no equals sign.
    """
    changes = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise SpecError(
                _("--set takes FIELD=VALUE, such as order=full_preact; got {text!r}.").format(text=text[:60])
            )
        changes[name] = value
    return changes
