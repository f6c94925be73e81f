"""Answers questions of instruments: the function that the query process of `jobs` calls."""

import importlib
from collections.abc import Generator, Iterator, Mapping
from typing import Any

import torch

from resnet_viz.attribution.engine.progress import Tick
from resnet_viz.theory import answers
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.question import Question


def serve(fields: Mapping[str, Any], tick: Tick) -> Generator[bytes, None, bytes]:
    """Yields the records of a question as they come, as bytes, and returns all of them; see `theory.answers`.

    Raises:
        Refusal: a question that cannot be answered.
    """
    torch.set_num_threads(1)
    tick(0.0)
    records = []
    for record in compute(answers.from_fields(dict(fields)), tick):
        records.append(record)
        yield answers.piece_to_bytes(record)
    return answers.to_bytes(records)


def compute(question: Question, tick: Tick) -> Iterator[Any]:
    """Returns the generator of a question's records."""
    module, _colon, name = instrument_of(question).compute.partition(":")
    records: Iterator[Any] = getattr(importlib.import_module(module), name)(question, tick)
    return records
