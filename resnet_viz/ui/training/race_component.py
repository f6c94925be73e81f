"""Race component on a page: linked charts of a run's curves and measurements.

The script keeps what it has received, so each update sends new data alone. The session notes what it has sent; if
something was lost, the script requests a resync and everything is sent again.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import streamlit as st

from resnet_viz.present.training import race_data
from resnet_viz.present.training.race_data import SentUpTo
from resnet_viz.runs.run import Curve
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step
from resnet_viz.ui.widgets.component import component
from resnet_viz.ui.widgets.shared_cache import shared_cache
from resnet_viz.ui.widgets.visitor import theme_mode

KEY: Final = "race"
_SENT: Final = "race:sent"
_HEAD_S: Final = 600.0
_UPDATES_S: Final = 10.0  # no session requests the same update later
_MAX_RUNS: Final = 12  # as many as the script keeps


class _Sent(NamedTuple):
    """Data that this session's browser has: the last steps of each run's nets, and heads."""

    runs: dict[str, Mapping[str, SentUpTo]]
    heads: set[str]


ReadUpdates = Callable[[Mapping[str, SentUpTo]], tuple[Sequence[Curve], Sequence[Step]]]
"""Returns the curves and the measured steps after those that the browser has of each net."""


class SeedReader(NamedTuple):
    """Run of another seed: the seed, and a function that reads its curves."""

    seed: int
    read: ReadUpdates


_component = component("resnet_viz_race", "race")


def show(
    recipe: Recipe,
    run: str,
    read: ReadUpdates,
    others: Mapping[str, SeedReader] | None = None,
    *,
    edge: Hashable = None,
) -> None:
    """Shows curves and measurements of a run.

    Args:
        recipe: of the run.
        run: key of the run and its attempt; data sent under it never changes.
        read: reads new data.
        others: key and reader of runs of other seeds, drawn as a band with this run.
        edge: last steps that `read` reads: equal edges give equal data; None if they may not.
    """
    sent: _Sent = st.session_state.setdefault(_SENT, _Sent({}, set()))
    head_id, head = _head(recipe, run)
    band = [_updates(sent, recipe, word, of.read) | {"seed": of.seed} for word, of in (others or {}).items()]
    own = _updates(sent, recipe, run, read, edge)
    for old in list(sent.runs)[:-_MAX_RUNS]:
        del sent.runs[old]
    is_known = head_id in sent.heads
    sent.heads.add(head_id)
    data = own | {"band": band, "seed": recipe.seed, "head_id": head_id} | ({} if is_known else {"head": head})
    _component(key=KEY, data=data, height="content", on_resync_change=_send_all_again)


def _head(recipe: Recipe, run: str) -> tuple[str, dict[str, Any]]:
    def make() -> tuple[str, dict[str, Any]]:
        head = race_data.head(recipe, theme_mode())
        return race_data.head_id(head), head

    return shared_cache.get(("head", run, theme_mode(), st.context.locale), make, fresh_s=_HEAD_S)


def _updates(sent: _Sent, recipe: Recipe, run: str, read: ReadUpdates, edge: Hashable = None) -> dict[str, Any]:
    """Returns the new data of a run, and notes that the browser has it.

    Of two updates at once the script receives the second alone: by `until` it detects that the first was lost.
    """
    seen = sent.runs.pop(run, {})

    def make() -> tuple[list[dict[str, Any]], dict[str, SentUpTo]]:
        return race_data.updates(recipe.labels, *read(seen), seen)

    key = ("news", run, tuple(seen.items()), edge)
    parts, now = make() if edge is None else shared_cache.get(key, make, fresh_s=_UPDATES_S)
    sent.runs[run] = now  # at the end: used most recently
    return {"run": run, "nets": parts, "until": now}


def _send_all_again() -> None:
    st.session_state.pop(_SENT, None)
