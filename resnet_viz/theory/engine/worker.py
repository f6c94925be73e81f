"""Answers questions of instruments: the function that the query process of `jobs` calls."""

import contextlib
import ctypes
import importlib
from collections.abc import Generator, Iterator, Mapping
from typing import Any, Final

import torch
import torch.fx.experimental.symbolic_shapes  # needed by the first net that is built: loaded while nobody waits

from resnet_viz.attribution.engine.progress import Tick
from resnet_viz.theory import answers
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.question import Question

_MMAP_THRESHOLD: Final = -3  # M_MMAP_THRESHOLD of glibc's malloc.h
_LARGE: Final = 2**20  # bytes; tensors of the bench's small nets are smaller, and stay where malloc is fast


def serve(fields: Mapping[str, Any], tick: Tick) -> Generator[bytes, None, bytes]:
    """Yields the records of a question as they come, as bytes, and returns all of them; see `theory.answers`.

    Raises:
        Refusal: a question that cannot be answered.
    """
    tick(0.0)
    records = []
    for record in compute(answers.from_fields(dict(fields)), tick):
        records.append(record)
        yield answers.piece_to_bytes(record)
    return answers.to_bytes(records)


def compute(question: Question, tick: Tick) -> Iterator[Any]:
    """Returns the generator of a question's records, for this process on one thread: the nets are small."""
    torch.set_num_threads(1)
    _return_large_memory()
    module, _colon, name = instrument_of(question).compute.partition(":")
    records: Iterator[Any] = getattr(importlib.import_module(module), name)(question, tick)
    return records


def _return_large_memory() -> None:
    """Lets glibc return the memory of large tensors as soon as they are freed; other libraries do so themselves.

    By default its threshold rises with use, and what fragments takes 2.1 GB for a net of 998 layers instead of 0.9.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):  # not glibc
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)
