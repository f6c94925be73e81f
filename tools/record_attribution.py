"""Makes assets/attribution: the results that the page shows at an empty address, computed from the shipped nets.

    python -m tools.record_attribution

To be run again after a change of the shipped nets, the version, or a default of the page.
"""

from resnet_viz.attribution import defaults
from resnet_viz.attribution.engine.worker import answer
from resnet_viz.attribution.result import to_npz
from resnet_viz.attribution.result_cache import SHIPPED, key_of


def main() -> None:
    """Writes the files, removes older ones, and prints their sizes."""
    SHIPPED.mkdir(parents=True, exist_ok=True)
    for old in SHIPPED.glob("*.npz"):
        old.unlink()
    for query in defaults.default_queries():
        path = SHIPPED / f"{key_of(query)}.npz"
        path.write_bytes(to_npz(answer(query, lambda _share: None)))
        print(f"{query.topic:8} {path.stat().st_size:>9,} bytes  {path.name}")


if __name__ == "__main__":
    main()
