"""What a process keeps between visitors has a limit: forty sessions with ten nets took 14 MB, once."""

import ast
from collections.abc import Iterator

import pytest

from resnet_viz.resources import ROOT

_LIMIT = {"lru_cache": "maxsize", "cache_data": "max_entries", "cache_resource": "max_entries"}


def _unlimited(source: str) -> Iterator[int]:
    """Yields the lines with a cache that may grow for ever."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "functools":
            yield from (node.lineno for alias in node.names if alias.name == "cache")
        if isinstance(node, ast.FunctionDef):
            yield from (one.lineno for one in node.decorator_list if _name(one) in _LIMIT)
        if isinstance(node, ast.Call) and _name(node.func) in _LIMIT:
            limits = [word.value for word in node.keywords if word.arg == _LIMIT[_name(node.func)]]
            if not limits or any(isinstance(limit, ast.Constant) and limit.value is None for limit in limits):
                yield node.lineno


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def test_every_cache_has_a_limit() -> None:
    files = [*(ROOT / "resnet_viz").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    found = [f"{path.relative_to(ROOT)}:{line}" for path in files for line in _unlimited(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "from functools import cache",
        "@lru_cache\ndef f(): pass",
        "@lru_cache(maxsize=None)\ndef f(): pass",
        "@st.cache_data\ndef f(): pass",
        "@st.cache_data(ttl=9)\ndef f(): pass",
    ],
)
def test_a_cache_without_a_limit_is_found(source: str) -> None:
    assert list(_unlimited(source))
