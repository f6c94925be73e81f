"""A CIFAR-10 of three images a file: each in three plain colours that tell its label."""

import dataclasses
import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from resnet_viz.data import cifar10

RECORDS: Final = 3


def _content(number: int) -> bytes:
    labels = [(number + image) % 10 for image in range(RECORDS)]
    return b"".join(bytes([y]) + b"".join(bytes([shade * y]) * 1_024 for shade in (10, 20, 25)) for y in labels)


CONTENTS: Final = {name: _content(number) for number, name in enumerate(cifar10.BINARY.members)}
TINY: Final = dataclasses.replace(
    cifar10.BINARY,
    records=RECORDS,
    members={name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()},
)


def pack(path: Path, contents: Mapping[str, bytes] = CONTENTS) -> bytes:
    """Writes the archive and returns its bytes; there is a file in it besides, as in the real one."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in {"readme.html": b"about", **contents}.items():
            member = tarfile.TarInfo(f"{TINY.folder}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    path.write_bytes(packed.getvalue())
    return packed.getvalue()
