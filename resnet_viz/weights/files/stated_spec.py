"""The spec that files of this program state about themselves: shapes alone do not tell a plain net from a residual one.

The text stands beside the tensors, in what torch keeps for each module of a state dict (`_metadata`) and in the
`__metadata__` of a safetensors file. Whoever opens the file elsewhere finds the usual keys.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import layers_of
from resnet_viz.spec import codec
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.files.entries import Entry
from resnet_viz.weights.files.pickled import children

KEY: Final = "resnet_viz"  # of the text

_LONGEST: Final = 20_000  # characters; the spec of a net of 1,202 layers has 700


def to_text(spec: AnySpec) -> str:
    """Returns the text that states a spec."""
    return json.dumps(codec.to_json(spec), separators=(",", ":"))


def from_text(text: Any) -> AnySpec | None:
    """Returns the spec that a text of a file states; None where it states none that can be."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    try:
        return codec.from_json(json.loads(text))
    except (ValueError, TypeError, RecursionError):  # a SpecError, too, is a ValueError
        return None


def of_entry(entry: Entry) -> AnySpec | None:
    """Returns the spec that a state dict states about itself, or about the one net of ours in it."""
    return _only(from_text(children(of_module).get(KEY)) for of_module in entry.metadata.values())


def of_state_dict(state: Mapping[str, Any]) -> AnySpec | None:
    """Returns the spec that a state dict of torch states about itself, as `net.state_dict()` does."""
    modules = getattr(state, "_metadata", None) or {}
    return _only(from_text(module.get(KEY)) for module in modules.values() if isinstance(module, Mapping))


def check_same_net(stated: AnySpec | None, spec: AnySpec) -> None:
    """Refuses weights whose file states a net that computes something else, at any image size.

    The tensors of a plain net and of a residual one have the same names and shapes, so that nothing else would tell.

    Raises:
        SpecError: the file states another net.
    """
    if stated is None or layers_of(lower(stated)) == layers_of(lower(spec)):
        return
    fields = codec.to_query(stated)
    name = fields.pop(codec.NET)
    raise SpecError(
        _(
            "These weights are of another net: their file states that they are of {title}. Choose that one: "
            "{name}{changes}."
        ).format(
            title=title(stated), name=name, changes="".join(f" --set {field}={text}" for field, text in fields.items())
        )
    )


def _only(found: Iterable[AnySpec | None]) -> AnySpec | None:
    specs = {spec for spec in found if spec is not None}
    return specs.pop() if len(specs) == 1 else None
