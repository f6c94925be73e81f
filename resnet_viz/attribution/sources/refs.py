"""Where a net or a picture comes from, in one short text that fits into an address. No torch.

shipped:plain20                   a net that comes with this program
run:34ca81297230/0/470            net 0 of a run's recipe, at a kept step; `last` for the newest
upload:SHA256                     a checkpoint that somebody sent, by the checksum of its bytes
torchvision:resnet50              weights that torchvision publishes, for a preset of the same name
data:fashion_mnist_subset/12      a test picture: picture i is of class i % 10
upload:SHA256                     a picture that somebody sent
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from resnet_viz.data.datasets import SIZES, DataName
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _

_LONGEST: Final = 80  # characters of a wrong text that are repeated to its author
_RUN: Final = re.compile(r"([0-9a-f]{12})/([0-9]{1,2})/([0-9]{1,9}|last)", flags=re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", flags=re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9_]{1,40}", flags=re.ASCII)
_INDEX: Final = re.compile(r"([a-z0-9_]{1,40})/([0-9]{1,6})", flags=re.ASCII)


NET_PARAMETERS: Final = ("net", "b.net")  # of the attribution page's address
NO_NET: Final = "none"


class NetKind(StrEnum):
    """Where a net comes from."""

    SHIPPED = "shipped"
    RUN = "run"
    UPLOAD = "upload"
    TORCHVISION = "torchvision"


@dataclass(frozen=True, slots=True)
class NetRef:
    """A net. `NetRef.parse(str(ref)) == ref`.

    Attributes:
        kind: where it comes from.
        name: of a shipped net or of torchvision's; a run's id; an upload's checksum.
        index: of a run, which net of its recipe.
        step: of a run, before which step; None for its newest.
    """

    kind: NetKind
    name: str
    index: int = 0
    step: int | None = None

    def __str__(self) -> str:
        if self.kind is NetKind.RUN:
            return f"run:{self.name}/{self.index}/{'last' if self.step is None else self.step}"
        return f"{self.kind}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> "NetRef":
        """Returns the net that a text names; whether it is there is found out when it is opened.

        Raises:
            SpecError: it names none.
        """
        kind, _colon, rest = text.partition(":")
        if kind == NetKind.RUN and (match := _RUN.fullmatch(rest)):
            run_id, index, step = match.groups()
            return cls(NetKind.RUN, run_id, int(index), None if step == "last" else int(step))
        if kind == NetKind.UPLOAD and _SHA256.fullmatch(rest):
            return cls(NetKind.UPLOAD, rest)
        if kind in (NetKind.SHIPPED, NetKind.TORCHVISION) and _NAME.fullmatch(rest):
            return cls(NetKind(kind), rest)
        raise SpecError(
            _(
                "A net is named as shipped:NAME, run:ID/NET/STEP, upload:CHECKSUM or torchvision:PRESET; got {text!r}."
            ).format(text=text[:_LONGEST])
        )


class ImageKind(StrEnum):
    """Where a picture comes from."""

    DATA = "data"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A picture. `PictureRef.parse(str(ref)) == ref`.

    Attributes:
        kind: where it comes from.
        name: of the data set, or an upload's checksum.
        index: of a data set's test pictures, whose classes take turns: picture i is of class i % 10.
    """

    kind: ImageKind
    name: str
    index: int = 0

    def __str__(self) -> str:
        return f"data:{self.name}/{self.index}" if self.kind is ImageKind.DATA else f"upload:{self.name}"

    @classmethod
    def parse(cls, text: str) -> "ImageRef":
        """Returns the picture that a text names.

        Raises:
            SpecError: it names none.
        """
        kind, _colon, rest = text.partition(":")
        if kind == ImageKind.UPLOAD and _SHA256.fullmatch(rest):
            return cls(ImageKind.UPLOAD, rest)
        match = _INDEX.fullmatch(rest)
        if kind == ImageKind.DATA and match and match[1] in list(DataName):
            most = SIZES[DataName(match[1])].test
            if int(match[2]) >= most:
                raise SpecError(
                    _("{data} has {most:,} test pictures, numbered from 0; got {index}.").format(
                        data=match[1], most=most, index=match[2]
                    )
                )
            return cls(ImageKind.DATA, match[1], int(match[2]))
        raise SpecError(
            _("A picture is named as data:DATA/INDEX, with one of {names}, or upload:CHECKSUM; got {text!r}.").format(
                names=", ".join(DataName), text=text[:_LONGEST]
            )
        )
