"""Names of an uploaded net's classes, as a person gives them: a text of bounded size, kept under its checksum."""

from collections import Counter
from functools import lru_cache
from typing import Final

from resnet_viz.attribution.sources import uploads
from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError, Refusal, SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.fields import MAX_CLASSES

LONGEST: Final = 60  # characters of a name; a longer one is cut


def parse_names(text: str) -> tuple[str, ...]:
    """Returns the names in a text: one a line, or separated by commas where it has one line only.

    Raises:
        SpecError: there are none, or too many.
    """
    lines = text.strip().splitlines()
    parts = lines if len(lines) > 1 else text.split(",")
    names = tuple("".join(c for c in " ".join(part.split()) if c.isprintable())[:LONGEST] for part in parts)
    while names and not names[-1]:
        names = names[:-1]
    if not names or len(names) > MAX_CLASSES:
        raise SpecError(
            _("Class names are 1 to {most:,} names, one a line or separated by commas; got {num:,}.").format(
                most=MAX_CLASSES, num=len(names)
            )
        )
    return names


def keep_names(text: str, *, visitor: str = "") -> str:
    """Keeps the names in a text, and returns the word for them in a net's settings.

    Raises:
        SpecError: there are none, or too many.
        DataError: the text is too long, or the disk does not take it.
    """
    content = "\n".join(parse_names(text)).encode()
    return uploads.keep(content, uploads.UploadKind.NAMES, visitor=visitor)


def names_of(classes: str, num_classes: int) -> tuple[str, ...]:
    """Returns the names of a net's classes; () where they are unknown, or no longer kept.

    Args:
        classes: of its settings: a data set, or the checksum of kept names; "" where they are unknown.
        num_classes: of the net.

    Raises:
        SpecError: there are more names than classes.
    """
    if not classes or not are_there(classes):
        return ()
    names = datasets.class_names(DataName(classes)) if classes in list(DataName) else _read(classes)
    if len(names) > num_classes:
        raise SpecError(
            _("This net has {num:,} classes; got {names:,} names.").format(num=num_classes, names=len(names))
        )
    return names


def are_there(classes: str) -> bool:
    """Whether the names of the classes of a net's settings can be read; an empty word has none."""
    if not classes or classes in list(DataName):
        return True
    try:
        return bool(_read(classes))
    except Refusal:
        return False


def is_here(classes: str) -> bool:
    """Whether the classes of a net's settings are those of a data set whose images are on this machine."""
    found = (status.name.value for status in datasets.available() if status.is_available)
    return classes == DataName.FASHION_MNIST or classes in found  # of that, the first test images are shipped


@lru_cache(maxsize=16)
def _read(sha256: str) -> tuple[str, ...]:
    try:
        names = uploads.find(sha256, uploads.UploadKind.NAMES).read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(_("The names of this net's classes are no longer here; give them again.")) from error
    count = Counter(names)  # ImageNet has two cranes, a bird and a machine
    return tuple(f"{name} ({place})" if name and count[name] > 1 else name for place, name in enumerate(names))
