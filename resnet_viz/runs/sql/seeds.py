"""Runs that differ in the seed alone: they are compared, and count as one against the limit of an owner.

They have no table: runs with the same nets are few, so that each of their recipes is compared.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from resnet_viz.errors import Refusal
from resnet_viz.runs.run import RunState
from resnet_viz.training.recipe import MAX_SEEDS, Recipe, from_json

_MOST: Final = 200  # newest runs of the same nets that are compared
# A branch, and a run whose learning rate was changed, no longer follow their recipe.
_LIKE: Final = (
    "SELECT id, state, attempt, recipe FROM run WHERE labels = ? AND (id = ? OR NOT EXISTS"
    " (SELECT 1 FROM rate WHERE rate.run = run.seq AND rate.attempt = run.attempt)"
    " AND NOT EXISTS (SELECT 1 FROM control c WHERE c.run = run.seq AND c.parent IS NOT NULL))"
    " ORDER BY seq DESC LIMIT ?"
)
_ORDER: Final = (RunState.DONE, RunState.RUNNING, RunState.QUEUED, RunState.CANCELLED, RunState.FAILED)


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedRun:
    """The run of one seed.

    Attributes:
        id: 12 hexadecimal digits.
        seed: of the initial weights and of the order of the images.
        state: queued, running or ended.
        attempt: number of its newest attempt, from 1; 0 before the first.
    """

    id: str
    seed: int
    state: RunState
    attempt: int


def without_seed(recipe: Recipe) -> Recipe:
    """Returns the recipe with seed 0: equal for runs that differ in the seed alone."""
    return recipe.replace(seed=0)


def seed_series(recipe: Recipe, num_seeds: int) -> tuple[Recipe, ...]:
    """Returns the recipe with its own seed and with the seeds that follow it.

    Raises:
        SpecError: a seed beyond the largest.
    """
    return tuple(recipe.replace(seed=recipe.seed + number) for number in range(num_seeds))


def runs_by_seed(db: sqlite3.Connection, run_id: str, recipe: Recipe) -> tuple[SeedRun, ...]:
    """Returns a run and those that differ from it in the seed alone, by seed.

    Of several runs of one seed it is this one, else one that is done, running, queued, cancelled or failed, in this
    order; the newest of equals.
    """
    found: dict[int, SeedRun] = {}
    rank: dict[int, tuple[bool, int]] = {}
    for other, state, attempt, text in db.execute(_LIKE, (json.dumps(recipe.labels), run_id, _MOST)):
        known = _read(text)
        if known is None or without_seed(known) != without_seed(recipe):
            continue
        own = (other != run_id, _ORDER.index(RunState(state)))
        if known.seed not in found or own < rank[known.seed]:
            found[known.seed] = SeedRun(id=other, seed=known.seed, state=RunState(state), attempt=attempt)
            rank[known.seed] = own
    return tuple(found[seed] for seed in sorted(found))


def seed_runs(db: sqlite3.Connection, ids: Sequence[str]) -> dict[str, SeedRun]:
    """Returns those of these runs that exist, by id."""
    marks = ",".join("?" * len(ids))
    rows = db.execute(
        f"SELECT id, state, attempt, json_extract(recipe, '$.seed') FROM run WHERE id IN ({marks})",  # noqa: S608
        tuple(ids),
    )
    return {
        run_id: SeedRun(id=run_id, seed=seed or 0, state=RunState(state), attempt=attempt)
        for run_id, state, attempt, seed in rows
    }


def places_taken(recipes: Iterable[str]) -> int:
    """Returns the number of runs that these recipes count as: up to MAX_SEEDS seeds of one recipe count as one."""
    seeds: dict[str, Counter[int]] = defaultdict(Counter)
    for text in recipes:
        fields = json.loads(text)
        seed = fields.pop("seed", 0)
        seeds[json.dumps(fields, sort_keys=True)][seed] += 1
    return sum(max(*own.values(), -(-len(own) // MAX_SEEDS)) for own in seeds.values())


@lru_cache(maxsize=_MOST)
def _read(text: str) -> Recipe | None:
    try:
        return from_json(json.loads(text))
    except Refusal:  # of another version
        return None
