"""Experiments by area: each module of this package has a tuple `EXPERIMENTS`, and all of them are the table."""

import importlib
import pkgutil

from resnet_viz.theory.experiment import Experiment


def all_experiments() -> tuple[Experiment, ...]:
    """Returns the experiments of all areas, areas by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(row for module in modules for row in module.EXPERIMENTS)
