"""Parts of results, topic by topic: what is found about one net and one image, as `attribution.net_result` holds it."""

from collections.abc import Mapping

from torch import Tensor

from resnet_viz.attribution.engine import branch_split, features, lesion, sanity
from resnet_viz.attribution.engine.lesion import Lesion
from resnet_viz.attribution.engine.maps import Attribution, attribute, conductance_of_blocks, gradcam_of_blocks
from resnet_viz.attribution.engine.net_input import NetInput, to_numpy
from resnet_viz.attribution.engine.over_training import maps_over_steps
from resnet_viz.attribution.engine.progress import Tick, subtick
from resnet_viz.attribution.methods import checked_params, method_of
from resnet_viz.attribution.net_result import (
    BlockDepth,
    BlockLesion,
    BlockMap,
    BranchSplit,
    LayerFeatures,
    MethodMap,
    NetDepth,
    NetMaps,
    NetSanity,
    RandomisedUnit,
    StepMap,
)
from resnet_viz.attribution.sources.refs import NetKind
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net
from resnet_viz.runs.paths import store_path
from resnet_viz.runs.sql.checkpoints import folder
from resnet_viz.runs.store import RunStore


def method_maps(net_input: NetInput, tick: Tick) -> NetMaps:
    """Returns the maps of the query's method, and of further ones with their default parameters."""
    names = dict.fromkeys([net_input.query.method, *net_input.query.further_methods])
    maps, baseline = [], None
    for index, name in enumerate(names):
        method = method_of(name)
        start = net_input.baseline() if method.has_baseline else None
        found = _attribute(net_input, net_input.loaded.net, name, start, subtick(tick, index, len(names)))
        layer = net_input.layer if method.needs_layer else None
        maps.append(MethodMap(method=name, layer=layer, delta=found.delta, values=to_numpy(found.values)))
        if start is not None:
            baseline = to_numpy(net_input.as_pixels(start))
    return NetMaps(maps=tuple(maps), baseline_CHW=baseline)


def film(net_input: NetInput, tick: Tick) -> tuple[BlockMap, ...]:
    """Returns GradCAM at the output of every block."""
    found = gradcam_of_blocks(net_input.loaded.net, net_input.x_1CHW, net_input.target, tick=tick)
    return tuple(BlockMap(block=name, values_hw=to_numpy(values)) for name, values in found.items())


def depth(net_input: NetInput, tick: Tick) -> NetDepth:
    """Returns the conductance of each block, its split between shortcut and branch, and the net without the block."""
    net, x_1CHW, target = net_input.loaded.net, net_input.x_1CHW, net_input.target
    steps, start = int(net_input.query.options["steps"]), net_input.baseline()
    profile = branch_split.along_path(
        net, x_1CHW, target=target, baseline_1CHW=start, steps=steps, tick=subtick(tick, 0, 3)
    )
    conductance = conductance_of_blocks(net, x_1CHW, target, steps, start, tick=subtick(tick, 1, 3))
    _whole, *lesions = lesion.lesions_of_image(net, x_1CHW, tick=subtick(tick, 2, 3))
    splits = {
        share.block: BranchSplit(shortcut=share.shortcut, branch=share.branch, whole=share.whole)
        for share in profile.shares
    }
    return NetDepth(
        blocks=tuple(
            BlockDepth(
                block=one.block,
                conductance=conductance[one.block],
                split=splits.get(one.block),
                lesion=_block_lesion(one, target),
            )
            for one in lesions
        ),
        change=profile.change,
        share_delta=profile.delta,
        baseline_CHW=to_numpy(net_input.as_pixels(start)),
    )


def sanity_check(net_input: NetInput, tick: Tick) -> NetSanity:
    """Returns the map while the net is randomised from the head down, and the verdict on the method."""
    name, loaded = net_input.query.method, net_input.loaded
    start = net_input.baseline() if method_of(name).has_baseline else None

    def map_of(net: Net, tick_map: Tick) -> Tensor:
        return _attribute(net_input, net, name, start, tick_map).values

    seed = net_input.query.seed
    trained, *randomised = sanity.cascade(loaded.net, loaded.spec, map_of, seed=seed, tick=subtick(tick, 0, 2))
    score = sanity.judge(loaded.net, loaded.spec, map_of, tick=subtick(tick, 1, 2))
    return NetSanity(
        trained=to_numpy(trained.values),
        units=tuple(
            RandomisedUnit(unit=one.unit, signed=one.signed, absolute=one.unsigned, values=to_numpy(one.values))
            for one in randomised
        ),
        verdict=score.verdict,
        signed=score.signed,
        absolute=score.unsigned,
    )


def over_training(net_input: NetInput, tick: Tick) -> tuple[StepMap, ...]:
    """Returns the map at every kept step of the net's run."""
    ref, name = net_input.loaded.ref, net_input.query.method
    if ref.kind is not NetKind.RUN:
        raise SpecError(_("Only runs keep weights of several steps; choose a net of a run."))
    runs = RunStore(store_path())
    run, checkpoints = runs.run(ref.name), runs.checkpoints(ref.name)
    assert run is not None  # its net is loaded
    start = net_input.baseline() if method_of(name).has_baseline else None
    probabilities: list[float] = []

    def map_of(net: Net, tick_map: Tick) -> Tensor:
        found = _attribute(net_input, net, name, start, tick_map)
        probabilities.append(float(lesion.probabilities(net, net_input.x_1CHW)[0, net_input.target]))
        return found.values

    steps = maps_over_steps(run.recipe.nets, checkpoints, (ref.index,), map_of, folder=folder(store_path()), tick=tick)
    return tuple(
        StepMap(step=one.step, target_probability=probabilities[-1], values=to_numpy(one.values[0])) for one in steps
    )


def layer_features(net_input: NetInput, _tick: Tick) -> LayerFeatures:
    """Returns the output of a layer for the image, and the first convolution's filters."""
    net = net_input.loaded.net
    return LayerFeatures(
        maps=to_numpy(features.activation(net, net_input.x_1CHW, net_input.layer)),
        filters_OIhw=to_numpy(features.filters(net)),
    )


def _block_lesion(found: Lesion, target: int) -> BlockLesion:
    if found.probabilities_K is None:
        return BlockLesion(
            target_probability=None,
            predicted=None,
            input_shape=found.input_shape,
            output_shape=found.output_shape,
        )
    return BlockLesion(
        target_probability=float(found.probabilities_K[target]), predicted=int(found.probabilities_K.argmax())
    )


def _attribute(net_input: NetInput, net: Net, name: str, start: Tensor | None, tick: Tick) -> Attribution:
    return attribute(
        net,
        net_input.x_1CHW,
        target=net_input.target,
        method=name,
        params=_params(net_input, name),
        layer=net_input.layer,
        baseline_1CHW=start,
        tick=tick,
        seed=net_input.query.seed,
    )


def _params(net_input: NetInput, name: str) -> Mapping[str, float]:
    given = net_input.query.params if name == net_input.query.method else {}
    return checked_params(name, given, image_size=net_input.loaded.preprocessing.image_size)
