"""References to nets and images: one short text each, which fits into an address. No torch.

shipped:plain20                   net that comes with this program
run:34ca81297230/0/470            net 0 of a run's recipe, at a kept step; `last` for the newest
upload:SHA256                     uploaded checkpoint, by the checksum of its bytes; /NAME=VALUE for each setting
torchvision:resnet50              weights that torchvision publishes, for the preset of the same name
data:fashion_mnist_subset/12      test image: image i is of class i % 10
upload:SHA256                     uploaded image
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from resnet_viz.attribution.npz_codec import LATER
from resnet_viz.attribution.sources.net_settings import NO_SETTINGS, NetSettings
from resnet_viz.data.datasets import SIZES, DataName
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _

_LONGEST: Final = 80  # characters of a wrong text that an error repeats
_RUN: Final = re.compile(r"([0-9a-f]{12})/([0-9]{1,2})/([0-9]{1,9}|last)", flags=re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", flags=re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9_]{1,40}", flags=re.ASCII)
_INDEX: Final = re.compile(r"([a-z0-9_]{1,40})/([0-9]{1,6})", flags=re.ASCII)


NET_PARAMETERS: Final = ("net", "b.net")  # of the attribution page's address
NO_NET: Final = "none"


class NetKind(StrEnum):
    """Source of a net."""

    SHIPPED = "shipped"
    RUN = "run"
    UPLOAD = "upload"
    TORCHVISION = "torchvision"


@dataclass(frozen=True, slots=True)
class NetRef:
    """Reference to a net. `NetRef.parse(str(ref)) == ref`.

    Attributes:
        kind: its source.
        name: of a shipped net or of torchvision's; ID of a run; checksum of an upload.
        index: of the net in its run's recipe.
        step: kept step of its run; None for the newest.
        settings: of an uploaded net.
    """

    kind: NetKind
    name: str
    index: int = 0
    step: int | None = None
    settings: NetSettings = field(default=NO_SETTINGS, metadata={LATER: True})

    def __str__(self) -> str:
        if self.kind is NetKind.RUN:
            return f"run:{self.name}/{self.index}/{'last' if self.step is None else self.step}"
        return f"{self.kind}:{self.name}{'/' if self.settings != NO_SETTINGS else ''}{self.settings}"

    @classmethod
    def parse(cls, text: str) -> "NetRef":
        """Returns the reference in a text; whether the net exists is checked when it is loaded.

        Raises:
            SpecError: there is none in it.
        """
        kind, _colon, rest = text.partition(":")
        if kind == NetKind.RUN and (match := _RUN.fullmatch(rest)):
            run_id, index, step = match.groups()
            return cls(NetKind.RUN, run_id, int(index), None if step == "last" else int(step))
        sha256, _slash, settings = rest.partition("/")
        if kind == NetKind.UPLOAD and _SHA256.fullmatch(sha256):
            return cls(NetKind.UPLOAD, sha256, settings=NetSettings.parse(settings))
        if kind in (NetKind.SHIPPED, NetKind.TORCHVISION) and _NAME.fullmatch(rest):
            return cls(NetKind(kind), rest)
        raise SpecError(
            _(
                "A net is named as shipped:NAME, run:ID/NET/STEP, upload:CHECKSUM or torchvision:PRESET; got {text!r}."
            ).format(text=text[:_LONGEST])
        )


class ImageKind(StrEnum):
    """Source of an image."""

    DATA = "data"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class ImageRef:
    """Reference to an image. `ImageRef.parse(str(ref)) == ref`.

    Attributes:
        kind: its source.
        name: of the data set, or checksum of the upload.
        index: among a data set's test images, whose classes take turns: image i is of class i % 10.
    """

    kind: ImageKind
    name: str
    index: int = 0

    def __str__(self) -> str:
        return f"data:{self.name}/{self.index}" if self.kind is ImageKind.DATA else f"upload:{self.name}"

    @classmethod
    def parse(cls, text: str) -> "ImageRef":
        """Returns the reference in a text.

        Raises:
            SpecError: there is none in it.
        """
        kind, _colon, rest = text.partition(":")
        if kind == ImageKind.UPLOAD and _SHA256.fullmatch(rest):
            return cls(ImageKind.UPLOAD, rest)
        match = _INDEX.fullmatch(rest)
        if kind == ImageKind.DATA and match and match[1] in list(DataName):
            most = SIZES[DataName(match[1])].test
            if int(match[2]) >= most:
                raise SpecError(
                    _("{data} has {most:,} test images, numbered from 0; got {index}.").format(
                        data=match[1], most=most, index=match[2]
                    )
                )
            return cls(ImageKind.DATA, match[1], int(match[2]))
        raise SpecError(
            _("An image is named as data:DATA/INDEX, with one of {names}, or upload:CHECKSUM; got {text!r}.").format(
                names=", ".join(DataName), text=text[:_LONGEST]
            )
        )
