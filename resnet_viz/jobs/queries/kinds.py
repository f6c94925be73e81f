"""The kinds of queries that the web server has computed in other processes: a row for each.

A new instrument is a row here and a function `(fields, tick) -> bytes` where its engine is; see `jobs.queries.worker`.
"""

from dataclasses import dataclass
from typing import Final

from resnet_viz.jobs import limits


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryKind:
    """A kind of query: its function, and the limits of the process that runs it.

    Attributes:
        name: of its threads.
        answerer: "module:function" that computes a result.
        wall_s: longest time of one query in seconds; for a process's first query, the import of torch included.
        cancel_s: time in seconds within which a cancelled query has to stop before its process is killed.
        idle_s: seconds without a query after which the process ends.
        memory_mib: data that the process may allocate; 0 for no limit.
        niceness: 0 to 19; behind the pages, before training.
        max_queued: queries in the queue; one more is refused.
        max_results: results that are kept in memory, the oldest go first.
        max_result_bytes: longest result.
    """

    name: str
    answerer: str
    wall_s: float = 60.0
    cancel_s: float = 0.0
    idle_s: float = 0.0
    memory_mib: int = 2_048
    niceness: int = 10
    max_queued: int = 20
    max_results: int = 16
    max_result_bytes: int = 8_000_000


ATTRIBUTION: Final = QueryKind(
    name="attribution",
    answerer="resnet_viz.attribution.engine.worker:serve",
    wall_s=300.0,
    cancel_s=2.0,
    idle_s=600.0,
    memory_mib=3_072,
    max_queued=40,
    max_results=24,
    max_result_bytes=40_000_000,
)
THEORY: Final = QueryKind(
    name="theory",
    answerer="resnet_viz.theory.engine.worker:serve",
    wall_s=300.0,
    cancel_s=2.0,
    idle_s=600.0,
    memory_mib=3_072,
    max_queued=40,
    max_results=48,
    max_result_bytes=32_000_000,
)
TORCHINFO: Final = QueryKind(name="torchinfo", answerer="resnet_viz.nets.torchinfo:answer")
SPEED_TEST: Final = QueryKind(
    name="speed test",
    answerer="resnet_viz.training.engine.speed_test:answer",
    memory_mib=0 if limits.has_gpu() else 2_048,  # a GPU's driver maps more memory than any limit would allow
    niceness=5,
)
