"""Runs the benchmarks that are named, or all: python -m benchmarks [NAME ...]."""

import importlib
import pkgutil
import sys

import benchmarks


def main(chosen: list[str]) -> None:
    names = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__")
    unknown = sorted(set(chosen) - set(names))
    if unknown:
        sys.exit(f"No benchmark is called {', '.join(unknown)}; there are {', '.join(names)}.")
    for name in chosen or names:
        module = importlib.import_module(f"benchmarks.{name}")
        if hasattr(module, "main"):
            print(f"== {name}", flush=True)
            module.main()


if __name__ == "__main__":
    main(sys.argv[1:])
