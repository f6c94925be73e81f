"""Shipped results equal computed ones."""

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resnet_viz.attribution import defaults, result_cache
from resnet_viz.attribution.engine import worker
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.attribution.result import ImageResult, to_npz

pytestmark = pytest.mark.torch

QUERIES = defaults.default_queries()
CLOSE = 1e-3  # relative to the largest value: another processor adds in another order
# Number of arrays, and SHA-256 of their sorted SHA-256s, in the files of commit 893ba8c, which had another layout.
ARRAYS = {
    Topic.FILM: (22, "2e56ad8fb265cd51b3f15ed454e1f9fc7c5ad7654ecb820d38bca002a1efba6e"),
    Topic.MAPS: (8, "e9a0ec8f24a0d320e5ebb97d4b1b505b6aa1fefe324c66f3352efa8f82849839"),
    Topic.DEPTH: (6, "c406e0c09c86a1a6535abe9197c46da1fb0e2f26266643765ba8daf34fab3bea"),
}

Arrays = dict[str, np.ndarray[Any, np.dtype[Any]]]


def arrays(content: bytes) -> Arrays:
    with np.load(io.BytesIO(content), allow_pickle=False) as parts:
        return {name: parts[name] for name in parts.files if name != "meta"}


def shipped_file(query: AttributionQuery) -> Path:
    return result_cache.SHIPPED / f"{result_cache.key_of(query)}.npz"


@pytest.mark.parametrize("query", QUERIES, ids=[query.topic.value for query in QUERIES])
def test_a_shipped_result_equals_a_fresh_one(query: AttributionQuery) -> None:
    shipped = result_cache.load(result_cache.key_of(query))
    assert isinstance(shipped, ImageResult), "run python -m tools.record_attribution"
    fresh = worker.answer(query, lambda _share: None)
    assert isinstance(fresh, ImageResult)
    assert type(fresh) is type(shipped)
    assert [net.target for net in shipped.nets] == [net.target for net in fresh.nets]
    assert [net.weights for net in shipped.nets] == [net.weights for net in fresh.nets]
    own, made = arrays(to_npz(shipped)), arrays(to_npz(fresh))
    assert own.keys() == made.keys()
    for name, values in own.items():
        largest = float(np.abs(values).max())
        np.testing.assert_allclose(values, made[name], rtol=0, atol=CLOSE * largest, err_msg=name)


@pytest.mark.parametrize("query", QUERIES, ids=[query.topic.value for query in QUERIES])
def test_shipped_arrays_are_those_of_the_earlier_layout(query: AttributionQuery) -> None:
    digests = sorted(
        hashlib.sha256(values.tobytes()).hexdigest() for values in arrays(shipped_file(query).read_bytes()).values()
    )
    assert (len(digests), hashlib.sha256("".join(digests).encode()).hexdigest()) == ARRAYS[query.topic]


def test_no_other_result_is_shipped() -> None:
    assert set(result_cache.SHIPPED.glob("*")) == set(map(shipped_file, QUERIES))


def test_the_shipped_results_are_small() -> None:
    assert sum(path.stat().st_size for path in result_cache.SHIPPED.glob("*.npz")) < 500_000
