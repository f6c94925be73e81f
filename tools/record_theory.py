"""Makes assets/theory: the answers to the questions that pages ask at an empty address, computed anew.

    python -m tools.record_theory

To be run again after a change of the version, of an instrument or of a default question. Each instrument with a default
has its question in DEFAULTS.
"""

from typing import Final

from resnet_viz.attribution.engine.progress import no_tick
from resnet_viz.theory import (
    answers,
    gate_product,
    gradients,
    identity_task,
    order_signals,
    shattering,
    shortcut_factor,
)
from resnet_viz.theory.engine.worker import compute
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.question import Question
from resnet_viz.theory.trained import early_exits, growth, lesions, loss_surface, paths

DEFAULTS: Final[tuple[Question, ...]] = (
    gradients.DEFAULT,
    gradients.DEFAULT_STEPS,
    growth.DEFAULT,
    *identity_task.DEFAULTS,
    *shortcut_factor.DEFAULTS,
    gate_product.DEFAULT,
    paths.DEFAULT,
    *lesions.DEFAULTS,
    order_signals.DEFAULT,
    *early_exits.DEFAULTS,
    *shattering.DEFAULTS,
    *loss_surface.DEFAULTS,
)


def main() -> None:
    """Writes the files, removes older ones, and prints their sizes."""
    answers.SHIPPED.mkdir(parents=True, exist_ok=True)
    for old in answers.SHIPPED.glob("*.json.gz"):
        old.unlink()
    for question in DEFAULTS:
        path = answers.ship(question.pinned(), compute(question.pinned(), no_tick))
        print(f"{instrument_of(question).id:16} {path.stat().st_size:>9,} bytes  {path.name}")


if __name__ == "__main__":
    main()
