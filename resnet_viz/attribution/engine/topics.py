"""What is answered about one net and one picture, topic by topic: facts as JSON values, and arrays by name.

The names are those of `explain.questions`, less the net's place in front.
"""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, assert_never

from torch import Tensor

from resnet_viz.attribution.engine import branch_split, features, lesion, sanity
from resnet_viz.attribution.engine.maps import attribute, conductance_of_blocks, gradcam_of_blocks
from resnet_viz.attribution.engine.net_input import NetInput, to_numpy
from resnet_viz.attribution.engine.over_training import maps_over_steps
from resnet_viz.attribution.engine.progress import subtick
from resnet_viz.attribution.methods import checked_params, method_of
from resnet_viz.attribution.sources.refs import NetKind
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net
from resnet_viz.runs.paths import store_path
from resnet_viz.runs.sql.checkpoints import folder
from resnet_viz.runs.store import RunStore

Tick = Callable[[float], None]
Told = tuple[dict[str, Any], dict[str, Any]]


def predict(_subject: NetInput, _tick: Tick) -> Told:
    """Returns nothing more than every answer has."""
    return {}, {}


def maps(subject: NetInput, tick: Tick) -> Told:
    """Returns the maps of the question's method, and of further ones with their default parameters."""
    names = dict.fromkeys([subject.question.method, *filter(None, str(subject.question.options["also"]).split(","))])
    told, arrays = [], {}
    for index, name in enumerate(names):
        method, params = method_of(name), _params(subject, name)
        start = subject.baseline() if method.has_baseline else None
        began = perf_counter()
        found = _map(subject, subject.opened.net, name, start, subtick(tick, index, len(names)))
        told.append(
            {
                "method": name,
                "params": dict(params),
                "layer": subject.layer if method.needs_layer else None,
                "delta": found[1],
                "is_signed": method.is_signed,
                "seconds": perf_counter() - began,
            }
        )
        arrays[f"map.{name}"] = to_numpy(found[0])
        if start is not None:
            arrays["baseline"] = to_numpy(subject.as_pixels(start))
    return {"maps": told}, arrays


def film(subject: NetInput, tick: Tick) -> Told:
    """Returns GradCAM at the output of every block."""
    found = gradcam_of_blocks(subject.opened.net, subject.x_1CHW, subject.target, tick=tick)
    return {"blocks": list(found)}, {f"film.{name}": to_numpy(values) for name, values in found.items()}


def depth(subject: NetInput, tick: Tick) -> Told:
    """Returns what passes each block, through which of its paths, and what the net says without it."""
    net, x_1CHW, target = subject.opened.net, subject.x_1CHW, subject.target
    steps, start = int(subject.question.options["steps"]), subject.baseline()
    profile = branch_split.along_path(
        net, x_1CHW, target=target, baseline_1CHW=start, steps=steps, tick=subtick(tick, 0, 3)
    )
    conductance = conductance_of_blocks(net, x_1CHW, target, steps, start, tick=subtick(tick, 1, 3))
    whole, *without = lesion.lesions_of_image(net, x_1CHW, tick=subtick(tick, 2, 3))
    assert whole.probabilities_K is not None
    before = float(whole.probabilities_K[target])
    lesions = []
    for one in without:
        after = one.probabilities_K
        lesions.append(
            {
                "block": one.block,
                "before": None if after is None else before,
                "after": None if after is None else float(after[target]),
                "predicted": None if after is None else int(after.argmax()),
                "sentence": one.refusal,
            }
        )
    shares = [
        {
            "node": f"{share.block}.add",
            "block": share.block,
            "shortcut": share.shortcut,
            "branch": share.branch,
            "whole": share.whole,
        }
        for share in profile.shares
    ]
    told = {
        "conductance": [{"block": block, "value": value} for block, value in conductance.items()],
        "shares": shares,
        "lesions": lesions,
        "important": profile.important,
        "idle": profile.idle,
        "change": profile.change,
        "share_delta": profile.delta,
    }
    return told, {"baseline": to_numpy(subject.as_pixels(start))}


def sane(subject: NetInput, tick: Tick) -> Told:
    """Returns how the map changes as the net is randomised from the top down, and what that says."""
    name, opened = subject.question.method, subject.opened
    start = subject.baseline() if method_of(name).has_baseline else None

    def mapped(net: Net, ticked: Tick) -> Tensor:
        return _map(subject, net, name, start, ticked)[0]

    seed = subject.question.seed
    stages = list(sanity.cascade(opened.net, opened.spec, mapped, seed=seed, tick=subtick(tick, 0, 2)))
    judgement = sanity.judge(opened.net, opened.spec, mapped, tick=subtick(tick, 1, 2))
    told = {
        "sanity": [{"name": stage.unit, "signed": stage.signed, "absolute": stage.unsigned} for stage in stages[1:]],
        "verdict": _sentence(method_of(name).title, judgement),
        "is_sensitive": judgement.verdict is sanity.SanityVerdict.CHANGES,
        "signed": judgement.signed,
        "absolute": judgement.unsigned,
    }
    arrays = {f"sanity.{index}": to_numpy(stage.values) for index, stage in enumerate(stages[1:])}
    return told, {**arrays, f"map.{name}": to_numpy(stages[0].values)}


def over_training(subject: NetInput, tick: Tick) -> Told:
    """Returns the map at every kept step of the net's run."""
    ref, name = subject.opened.ref, subject.question.method
    if ref.kind is not NetKind.RUN:
        raise SpecError(_("Only a run keeps its nets at several steps; choose a net of a run."))
    runs = RunStore(store_path())
    run, checkpoints = runs.run(ref.name), runs.checkpoints(ref.name)
    assert run is not None  # its net is open
    start = subject.baseline() if method_of(name).has_baseline else None
    told: list[dict[str, Any]] = []

    def mapped(net: Net, ticked: Tick) -> Tensor:
        values, delta = _map(subject, net, name, start, ticked)
        probability = float(lesion.probabilities(net, subject.x_1CHW)[0, subject.target])
        told.append({"target_probability": probability, "delta": delta})
        return values

    arrays = {}
    found = maps_over_steps(run.recipe.nets, checkpoints, (ref.index,), mapped, folder=folder(store_path()), tick=tick)
    for place, frame in enumerate(found):
        told[place]["step"] = frame.step
        arrays[f"map.{frame.step}"] = to_numpy(frame.values[0])
    return {"steps": told}, arrays


def featured(subject: NetInput, _tick: Tick) -> Told:
    """Returns what a layer puts out for the picture, and the first layer's filters."""
    net = subject.opened.net
    return {"layer": subject.layer}, {
        "features": to_numpy(features.activation(net, subject.x_1CHW, subject.layer)),
        "filters": to_numpy(features.filters(net)),
    }


def _map(subject: NetInput, net: Net, name: str, start: Tensor | None, tick: Tick) -> tuple[Tensor, float | None]:
    return attribute(
        net,
        subject.x_1CHW,
        target=subject.target,
        method=name,
        params=_params(subject, name),
        layer=subject.layer,
        baseline_1CHW=start,
        tick=tick,
        seed=subject.question.seed,
    )


def _params(subject: NetInput, name: str) -> Mapping[str, float]:
    given = subject.question.params if name == subject.question.method else {}
    return checked_params(name, given, image_size=subject.opened.wanted.image_size)


def _sentence(method: str, found: sanity.SanityScore) -> str:
    return _words(found.verdict).format(method=method, signed=found.signed, unsigned=found.unsigned)


def _words(verdict: sanity.SanityVerdict) -> str:
    match verdict:
        case sanity.SanityVerdict.CHANGES:
            return _(
                "{method} depends on what the net has learned: on nets with random weights its map is another one "
                "(rank correlation {signed:.2f}, without signs {unsigned:.2f})."
            )
        case sanity.SanityVerdict.FOLLOWS_PICTURE:
            return _(
                "{method} points to much the same places on nets with random weights (rank correlation without signs "
                "{unsigned:.2f}); only whether they speak for or against the class changes ({signed:.2f} with signs)."
            )
        case sanity.SanityVerdict.STAYS:
            return _(
                "{method} hardly changes when the net has forgotten everything (rank correlation {signed:.2f}): "
                "on this picture it shows the picture and not what was learned."
            )
        case _:
            assert_never(verdict)
