"""Names in front of the layers of a net: of wrappers, of the module that holds the net, of several nets in one file."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_MOST_PREFIXES: Final = 64  # that are looked at; a file of so many nets is an ensemble
LONGEST_KEY: Final = 200  # characters that are looked at; layers of nets have up to 60, and as many before them
WRAPPERS: Final = frozenset(  # modules that put themselves around others, at any depth
    {
        "module",  # torch.nn.DataParallel, DistributedDataParallel
        "_module",  # opacus
        "_orig_mod",  # torch.compile
        "_fsdp_wrapped_module",  # torch.distributed.fsdp
        "_checkpoint_wrapped_module",  # torch's activation checkpointing
        "_forward_module",  # Lightning Fabric
    }
)
_AVERAGED: Final = re.compile(  # the slower one of two nets: of MoCo, BYOL, mean teachers, averages of weights
    r"(?:^|[._])(?:k|key|momentum|teacher|target|ema|average|averaged|avg|swa|shadow|old|reference|ref)(?=[._]|$)",
    re.ASCII | re.IGNORECASE,
)


def without_wrappers(keys: Iterable[str]) -> dict[str, str]:
    """Returns the file's key by its name without wrappers; all keys as they are where two would become one."""
    given = list(keys)
    plain = {".".join(part for part in key.split(".") if part not in WRAPPERS): key for key in given}
    return plain if len(plain) == len(given) else {key: key for key in given}


def prefixes_of(keys: Iterable[str], names: Sequence[str]) -> tuple[str, ...]:
    """Returns all that stands in front of one of `names` in keys, in the order of the file: "", "backbone."."""
    found: dict[str, None] = {}
    for key in keys:
        for name in names:
            if key.endswith(name) and (len(key) == len(name) or key[-len(name) - 1] == "."):
                found[key[: len(key) - len(name)]] = None
        if len(found) == _MOST_PREFIXES:
            break
    return tuple(found)


def main_first(prefixes: Iterable[str], num_keys: Mapping[str, int]) -> tuple[str, ...]:
    """Returns the prefixes of several nets in one file, the one to open first.

    The one that training moves comes before its average over steps (encoder_q before encoder_k, student before
    teacher), then the one with more tensors, then the one that comes first in the file.
    """
    return tuple(sorted(prefixes, key=lambda prefix: (_AVERAGED.search(prefix) is not None, -num_keys[prefix])))


def relative_names(key: str, prefix: str) -> tuple[str, ...]:
    """Returns a key without the prefix of its net, or without a part of it where they are beside each other.

    Of "model.head.fc" and the prefix "model.backbone." that is "head.fc", then "model.head.fc".
    """
    parts = prefix.split(".")[:-1]
    parents = [".".join([*parts[:length], ""]) for length in range(len(parts), -1, -1)]
    return tuple(key[len(parent) :] for parent in parents if key.startswith(parent))
