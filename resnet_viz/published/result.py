"""A published result: value, unit, protocol and source. Its spec ties it to the program's own nets."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from resnet_viz.spec.vgg import AnySpec


class PublishedQuantity(StrEnum):
    """Measured or counted quantity of a net."""

    TEST_ERROR = "test_error"
    TOP1_ERROR = "top1_error"
    TOP5_ERROR = "top5_error"
    TRAINING_ERROR = "training_error"
    TOP1_ACCURACY = "top1_accuracy"
    TOP5_ACCURACY = "top5_accuracy"
    TEST_ACCURACY = "test_accuracy"
    TRAINING_ACCURACY = "training_accuracy"
    TRAINING_LOSS = "training_loss"
    PARAMS = "params"
    MACS = "macs"
    MACS_SHARE = "macs_share"  # of another net, which the case names

    @property
    def unit(self) -> str:
        """Unit of its values: a count is of whole parameters or multiply-adds, a share is from 0 to 1."""
        return _UNITS[self]

    @property
    def is_counted(self) -> bool:
        """Whether it follows from the net alone, without data."""
        return self in (PublishedQuantity.PARAMS, PublishedQuantity.MACS, PublishedQuantity.MACS_SHARE)


_UNITS: Final[Mapping[PublishedQuantity, str]] = {
    PublishedQuantity.TEST_ERROR: "%",
    PublishedQuantity.TOP1_ERROR: "%",
    PublishedQuantity.TOP5_ERROR: "%",
    PublishedQuantity.TRAINING_ERROR: "%",
    PublishedQuantity.TOP1_ACCURACY: "%",
    PublishedQuantity.TOP5_ACCURACY: "%",
    PublishedQuantity.TEST_ACCURACY: "share",
    PublishedQuantity.TRAINING_ACCURACY: "share",
    PublishedQuantity.TRAINING_LOSS: "nats",
    PublishedQuantity.PARAMS: "count",
    PublishedQuantity.MACS: "count",
    PublishedQuantity.MACS_SHARE: "%",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Paper, repository or package.

    Attributes:
        name: short name, used in files and on the command line.
        citation: "He et al. 2015".
        title: of the paper or page.
        url: its address.
    """

    name: str
    citation: str
    title: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Protocol:
    """Conditions of a result as far as its source gives them; empty where it does not or where there are none.

    Attributes:
        data: data set on which it was measured.
        depth: layers as the source counts them.
        runs: number of runs and choice among them: "median of 5 runs".
        crops: views of an image at test time: "10-crop".
        augmentation: changes of the training images; empty where all rows of a table have the same.
        note: any other condition that differs between rows.
    """

    data: str = ""
    depth: int | None = None
    runs: str = ""
    crops: str = ""
    augmentation: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedResult:
    """One result of one net.

    Attributes:
        group: name of the file that holds it.
        net: name of the net in its source.
        case: variant of the net; empty where there is one only.
        quantity: of the value.
        value: in the quantity's unit; a bound where `relation` is set.
        printed: the value as its source prints it: "6.50", "19.4 M", "fail".
        relation: ">" or "<" where the value is a bound; empty otherwise.
        mean: over the runs, where the source prints it beside the value.
        std: standard deviation over the runs, likewise.
        protocol: conditions.
        source: paper, repository or package.
        where: table, figure or section of the source.
        preset: name of the program's net; empty where it has none.
        changes: fields that differ from the preset, as texts.
        spec: the program's net; None where it has none.
    """

    group: str
    net: str
    case: str
    quantity: PublishedQuantity
    value: float
    printed: str
    relation: str
    mean: float | None
    std: float | None
    protocol: Protocol
    source: Source
    where: str
    preset: str
    changes: Mapping[str, str]
    spec: AnySpec | None

    @property
    def unit(self) -> str:
        """Unit of the value."""
        return self.quantity.unit

    @property
    def citation(self) -> str:
        """The source with the place in it: "He et al. 2016, table 2"."""
        return f"{self.source.citation}, {self.where}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultGroup:
    """Results that are compared with each other.

    Attributes:
        name: of its file.
        title: what is compared, in a few words.
        place: in a list of groups, smaller first.
        results: in the order of the source.
    """

    name: str
    title: str
    place: int
    results: tuple[PublishedResult, ...]


def to_json(result: PublishedResult) -> dict[str, Any]:
    """Returns a result as plain JSON values."""
    protocol, source = result.protocol, result.source
    return {
        "group": result.group,
        "net": result.net,
        "case": result.case,
        "quantity": result.quantity.value,
        "value": result.value,
        "unit": result.unit,
        "printed": result.printed,
        "relation": result.relation,
        "mean": result.mean,
        "std": result.std,
        "protocol": {name: getattr(protocol, name) for name in Protocol.__dataclass_fields__},
        "source": {"name": source.name, "citation": source.citation, "where": result.where, "url": source.url},
        "preset": result.preset,
        "changes": dict(result.changes),
    }
