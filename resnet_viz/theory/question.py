"""Questions of instruments: frozen dataclasses whose fields decide the answer.

Fields are JSON values, specs, enums and tuples of them, as `attribution.npz_codec` writes them. Values are checked
where a question is made.
"""

from dataclasses import dataclass, replace
from typing import Self

from resnet_viz.attribution.sources.net_sources import net_source
from resnet_viz.attribution.sources.refs import NetRef


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Question that needs no weights."""

    def weights(self) -> tuple[str, ...]:
        """Returns a text for each trained net that differs between any two weights.

        Raises:
            Refusal: a net is not there.
        """
        return ()

    def pinned(self) -> Self:
        """Returns the question with fixed weights, where a net may be "the newest of a run".

        Raises:
            Refusal: a net is not there.
        """
        return self


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainedNetsQuestion(Question):
    """Question about trained nets.

    Attributes:
        nets: shipped nets, nets of runs, uploads.
    """

    nets: tuple[NetRef, ...]

    def weights(self) -> tuple[str, ...]:
        """Returns the checksums of the nets' weights."""
        return tuple(net_source(ref).checksum() for ref in self.nets)

    def pinned(self) -> Self:
        """Returns the question with the kept steps that are the newest now."""
        return replace(self, nets=tuple(net_source(ref).pinned() for ref in self.nets))
