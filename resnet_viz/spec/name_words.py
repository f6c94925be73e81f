"""Names of nets taken apart: one spelling for each word, its numbers, its version and its data set."""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

_LONGEST: Final = 60  # characters of a name that are read
_PACKAGES: Final = ("torchvision", "keras", "tf", "tensorflow", "timm", "models", "applications", "gluoncv", "mxnet")
_V_TOKENS: Final = {"v1": "v1", "v1b": "v15", "v15": "v15", "v2": "v2"}
_SPELLINGS: Final[
    tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...]
] = (  # pattern, replacement; in this order
    (r"^(timm|microsoft|facebook)/", "imagenet_"),  # of Hugging Face: microsoft/resnet-50
    (r"^.*/(?=.*[a-z])", ""),  # of ViT-B/16 nothing would be left
    (r"_weights(\..*)?$", ""),  # ResNet50_Weights.IMAGENET1K_V2
    (
        rf"^(({'|'.join(_PACKAGES)}|(resnet|vgg)[a-z0-9_]*)\.)+(?=(wide_?)?(resne|vgg))",
        "",
    ),  # torchvision.models.resnet50
    (r"\.[a-z0-9_]*(in1k|in12k|in2[12]k|ig1b|yfcc|bamboo|untrained)[a-z0-9_]*$", "_imagenet"),  # resnet50.a1_in1k
    (r"×", "x"),
    (r"v[ ._-]?1[ ._-]5(?![0-9])", "v15"),
    (r"d2l(\.ai)?", "dtwol"),
    (r"cifar[ _-]?100(?![0-9])", "cifarhundred"),
    (r"cifar[ _-]?10(?![0-9])", "cifarten"),
    (r"\+?(?<!i)bn(?![a-z])|batch[ _-]?norm(?![a-z])", "_bn"),
    (r"wide[ _-]?res(idual)?[ _-]?net(work)?", "wrn"),
    (r"pre[ _-]?act(ivation|ivated)?|preres(?=net)", lambda found: "preact_res" if found[0] == "preres" else "preact_"),
    (r"residual[ _-]?net(work)?", "resnet"),
    (r"res[ _-]net", "resnet"),
    (r"[^a-z0-9]+", "_"),
)
_IGNORED: Final = frozenset(
    (
        *_PACKAGES, "torch", "pytorch", "imagenet", "hf", "original", "style", "model", "net", "nets", "network",
        "layer", "layers", "a", "the", "for", "from", "of", "on", "with",
    )
)  # fmt: skip


class NameWords(NamedTuple):
    """A name taken apart: its words without versions, its numbers in order, the version, and its data set.

    Attributes:
        words: what is left of its words.
        numbers: its numbers in order, such as a depth.
        version: v1, v15 or v2; empty where it has none.
        classes: of the data set that it names; None where it names none.
        is_preact: whether it says pre-activation.
        is_cifar: whether it names CIFAR.
        is_imagenet: whether it names ImageNet or a collection of nets for it.
    """

    words: frozenset[str]
    numbers: tuple[int, ...]
    version: str
    classes: int | None
    is_preact: bool
    is_cifar: bool
    is_imagenet: bool


def spelled(name: str) -> str:
    """Returns a name in lower case with one underscore between its words and one spelling for each thing."""
    text = name[:_LONGEST].lower().strip()
    for pattern, replacement in _SPELLINGS:
        text = re.sub(pattern, replacement, text)
    text = re.sub(r"(?<![a-z])(v15|v1b|v1|v2)(?![0-9a-z])|(?<=resnet)(v15|v1|v2)(?=_|$)", r"_\1\2_", text)
    return re.sub(r"_+", "_", text).strip("_")


def taken_apart(spelling: str) -> NameWords:
    """Returns the parts of a name that `spelled` made."""
    words, numbers, version = set[str](), list[int](), ""
    for token in spelling.split("_"):
        if token in _V_TOKENS:
            version = _V_TOKENS[token]
            continue
        for part in re.findall(r"[a-z]+|[0-9]{1,6}", token, flags=re.ASCII):
            if part.isdigit():
                numbers.append(int(part))
            else:
                words.update(_split(part))
    classes = 100 if "cifarhundred" in words else 10 if "cifarten" in words else None
    is_cifar = bool(words & {"cifar", "cifarten", "cifarhundred"})
    is_preact = "preact" in words or version == "v2"
    own = words - _IGNORED - {"cifar", "cifarten", "cifarhundred", "preact"}
    if any(word.startswith("vgg") for word in words):
        own |= words & {"a"}  # a configuration
    is_imagenet = bool(words & {"imagenet", "timm"})
    return NameWords(frozenset(own), tuple(numbers), version, classes, is_preact, is_cifar, is_imagenet)


def _split(word: str) -> Iterator[str]:
    """Yields the known words of which one without spaces is made: "preactresnet" is "preact" and "resnet"."""
    match = re.fullmatch(r"(cifarten|cifarhundred|cifar)?(preact)?(resnext|resnet|plain|wrn)?(preact)?(cifar.*)?", word)
    yield from filter(None, match.groups()) if match else [word]
