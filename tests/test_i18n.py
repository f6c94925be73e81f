"""The language is known when a page is drawn, not when a module is imported."""

import subprocess
import sys

import pytest

from resnet_viz import i18n
from resnet_viz.resources import ROOT

IMPORT_ALL = """
import importlib, pkgutil, sys
from resnet_viz import i18n

early = set()
def record(message, *_others):
    caller = sys._getframe(1)
    early.add(f"{caller.f_globals['__name__']}:{caller.f_lineno} {message}")
    return message
i18n._ = i18n.ngettext = record

import resnet_viz
for module in pkgutil.walk_packages(resnet_viz.__path__, "resnet_viz."):
    is_engine = ".engine" in module.name or module.name.startswith("resnet_viz.nets") or ".preload" in module.name
    if is_engine == (sys.argv[1] == "engines") and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(*sorted(early), sep="\\n", end="")
"""


@pytest.mark.parametrize("part", ["others", pytest.param("engines", marks=pytest.mark.torch)])
def test_no_message_is_translated_while_modules_are_imported(part: str) -> None:
    command = [sys.executable, "-c", IMPORT_ALL, part]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""


def test_a_marked_message_stays_as_it_is() -> None:
    assert i18n.N_("Parameters") == "Parameters"
