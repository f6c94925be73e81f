"""Who may import what: the contracts of pyproject.toml, and what they cannot see (pages, words, a new process)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from resnet_viz.resources import ROOT

APP = ROOT / "app.py"
PAGES = sorted((ROOT / "pages").glob("*.py"))
SCRIPTS = [APP, *PAGES]
SOURCES = [*SCRIPTS, *sorted((ROOT / "resnet_viz").rglob("*.py"))]

NOT_IN_SCRIPTS = {"torch", "sqlite3", "plotly", "numpy"}
NOT_IN_CORE = {"torch", "streamlit", "numpy", "pandas", "plotly"}
MAX_SCRIPT_LINES = 120

LOAD_CORE = """
import importlib, pkgutil, sys
for name in ("spec", "plan", "analysis", "graph", "export", "published"):
    package = importlib.import_module(f"resnet_viz.{name}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
print(*sorted(name for name in sys.modules if "." not in name))
"""


def path_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def imported_packages(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def first_act(tree: ast.Module) -> str:
    """The first statement after the docstring and the imports, as source."""
    for node in tree.body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_docstring and not isinstance(node, ast.Import | ast.ImportFrom):
            return ast.unparse(node)
    return ""


def test_the_import_contracts_hold() -> None:
    result = run_python("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_core_loads_without_torch_streamlit_or_numpy() -> None:
    result = run_python("-c", LOAD_CORE)
    assert result.returncode == 0, result.stderr
    assert NOT_IN_CORE.isdisjoint(result.stdout.split())


@pytest.mark.parametrize("path", SCRIPTS, ids=path_id)
def test_a_page_imports_no_heavy_library(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert NOT_IN_SCRIPTS.isdisjoint(imported_packages(tree))


@pytest.mark.parametrize("path", SCRIPTS, ids=path_id)
def test_a_page_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_SCRIPT_LINES


@pytest.mark.parametrize("path", PAGES, ids=path_id)
def test_a_page_begins_with_the_guard(path: Path) -> None:
    """Without it, a deep link to a freshly started server shows the page without its frame, to every visitor."""
    assert first_act(ast.parse(path.read_text(encoding="utf-8"))) == "frame.ensure()"


@pytest.mark.parametrize(
    "words", ["weights_only=False", "unsafe_allow_html", "import pickle", "pickle.load", "allow_pickle=True"]
)
def test_what_runs_foreign_code_is_used_nowhere(words: str) -> None:
    assert [path_id(path) for path in SOURCES if words in path.read_text(encoding="utf-8")] == []
