"""Experiments: a published or derived value, the function that measures ours, and the band in which it must lie."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Experiment:
    """One row of docs/EXPERIMENTS.md.

    Attributes:
        id: unique; begins with the id of the published experiment, where there is one.
        instrument: id of the instrument that shows it; "gradients" for the bench; "" for none.
        source: paper and equation.
        expected: the published or derived value as text, with its formula.
        measure: returns our value, or our values.
        low: bound; each value must be at least this.
        high: bound; each value must be at most this.
        is_cheap: whether tests run it: at most about a second.
    """

    id: str
    instrument: str
    source: str
    expected: str
    measure: Callable[[], float | tuple[float, ...]]
    low: float
    high: float
    is_cheap: bool = True

    def __post_init__(self) -> None:
        assert self.low <= self.high, self.id


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentOutcome:
    """An experiment that was run.

    Attributes:
        experiment: the row.
        values: ours.
        seconds: of one processor core.
    """

    experiment: Experiment
    values: tuple[float, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether there are values and all of them lie in the band; NaN does not."""
        return bool(self.values) and all(self.experiment.low <= v <= self.experiment.high for v in self.values)


def run(experiment: Experiment, *, clock: Callable[[], float] = time.process_time) -> ExperimentOutcome:
    """Returns the values of an experiment and what they cost."""
    start = clock()
    found = experiment.measure()
    values = found if isinstance(found, tuple) else (found,)
    return ExperimentOutcome(experiment=experiment, values=tuple(map(float, values)), seconds=clock() - start)


def run_all(experiments: Iterable[Experiment]) -> Iterator[ExperimentOutcome]:
    """Yields the outcome of each experiment."""
    return map(run, experiments)
