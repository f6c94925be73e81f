"""What the race component gets: everything once, then only what is new, with the digits that were promised."""

import base64
import json
import math
import struct
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_viz.present.theme import SEQUENTIAL, Mode
from resnet_viz.present.training import race_data
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.present.training.quantities import (
    SCALES,
    MeasuringPoint,
    Quantity,
    layer_names,
    layer_values,
    quantity_payload,
)
from resnet_viz.present.training.race_data import (
    SentUpTo,
    head,
    head_id,
    packed,
    packed_small,
    step_stride,
    thin_probes,
    updates,
)
from resnet_viz.runs import shipped as recorded
from resnet_viz.runs.run import Curve
from resnet_viz.spec.enums import Norm, Order
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step

RECIPE = Recipe(nets=(residual_preset("cifar_plain20"), residual_preset("cifar_resnet20")))
PLAIN, RESIDUAL = RECIPE.labels


def unpacked(text: str, size: int = 3) -> list[float]:
    """What the script in the browser makes of a packed text."""
    raw = base64.b64decode(text)
    whole = (int.from_bytes(raw[i : i + size], "big") for i in range(0, len(raw), size))
    return [struct.unpack(">f", (bits << (8 if size == 3 else 15)).to_bytes(4, "big"))[0] for bits in whole]


def curve(net: str, steps: Iterable[int]) -> Curve:
    numbers = tuple(steps)
    return Curve(
        net=net,
        attempt=1,
        steps=numbers,
        loss=tuple(2.3 / (n + 1) for n in numbers),
        accuracy=tuple(n / 1000 for n in numbers),
        seconds=tuple(map(float, numbers)),
        test_steps=numbers[-1:],
        test_loss=(2.0,) * len(numbers[-1:]),
        test_accuracy=(0.25,) * len(numbers[-1:]),
        images_per_s=1.0,
    )


def probe(net: str, step: int, **norms: Any) -> Step:
    return Step(net=net, step=step, loss=1, accuracy=0, lr=0.1, images_per_s=1, seconds=0, **norms)


@given(st.lists(st.floats(width=32, allow_subnormal=False)))
def test_numbers_keep_four_and_a_half_digits(values: list[float]) -> None:
    text = packed(values)
    assert len(text) == 4 * len(values)
    for found, value in zip(unpacked(text), values, strict=True):
        if math.isnan(value):
            assert math.isnan(found)
        else:
            assert found == pytest.approx(value, rel=2**-16) or math.isinf(found)


@given(st.lists(st.floats(min_value=0, width=32, allow_subnormal=False)))
def test_what_is_measured_by_depth_is_right_to_a_fifth_of_a_percent(values: list[float]) -> None:
    for found, value in zip(unpacked(packed_small(values), 2), values, strict=True):
        assert found == pytest.approx(value, rel=2**-9) or math.isinf(found)
    assert all(map(math.isnan, unpacked(packed_small([math.nan]), 2)))


def test_what_is_beyond_float32_is_infinite() -> None:
    assert unpacked(packed([1e300, -1e300, math.inf, 0.0])) == [math.inf, -math.inf, math.inf, 0.0]


def test_the_first_part_has_all_and_the_next_ones_only_what_is_new() -> None:
    grad = {"stem.conv": 1.0, "stage1.block1.shortcut.conv": 9.0, "fc": 0.25}
    parts, seen = updates([PLAIN, RESIDUAL], [curve(PLAIN, range(11))], [probe(PLAIN, 0, grad_norm=grad)], {})
    (part,) = parts  # the other net has not begun
    assert (part["label"], part["after"], part["steps"]) == (PLAIN, -1, {"from": 0, "to": 10, "by": 1})
    assert unpacked(part["test_error"]) == [0.75]
    assert part["probes"]["names"] == {"convs": ["stem.conv", "fc"], "blocks": []}  # projections stand beside the path
    assert unpacked(part["probes"]["values"]["grad_norm"], 2) == [1.0, 0.25]
    assert seen == {PLAIN: SentUpTo(10, 0), RESIDUAL: SentUpTo()}

    parts, seen = updates([PLAIN, RESIDUAL], [curve(PLAIN, [11])], [probe(PLAIN, 10, grad_norm=grad)], seen)
    (part,) = parts
    assert (part["after"], part["steps"], part["probes"]["after"], part["probes"]["steps"]) == (10, [11], 0, [10])
    assert "names" not in part["probes"]
    assert updates([PLAIN, RESIDUAL], [curve(PLAIN, [])], [], seen) == ([], seen)


def test_what_was_not_measured_at_a_step_is_a_gap_and_never_measured_is_left_out() -> None:
    first = probe(RESIDUAL, 0, grad_norm={"a": 1.0}, branch_share={"b1": 0.5, "b2": 0.25})
    (part,), _ = updates([RESIDUAL], [], [first, probe(RESIDUAL, 10, grad_norm={"a": 2.0})], {})
    values = part["probes"]["values"]
    assert set(values) == {"grad_norm", "branch_share"}
    shares = unpacked(values["branch_share"], 2)
    assert shares[:2] == [0.5, 0.25]
    assert all(map(math.isnan, shares[2:]))
    assert len(shares) == 4


def test_an_update_is_below_5_kb_at_the_default_pace() -> None:
    # Two measurements and 20 steps of four nets of depth 20 and 56 a second, as measured on two cores.
    recipe = recorded.read("degradation").recipe
    curves, probes = [], []
    for label, spec in zip(recipe.labels, recipe.nets, strict=True):
        convs, blocks = (spec.depth - 1, sum(spec.blocks))
        curves.append(curve(label, range(200, 220)))
        sizes = {MeasuringPoint.CONVS: convs, MeasuringPoint.BLOCKS: blocks}
        for step in (200, 210):
            fields = {m.value: {f"n{i}": 1.0 for i in range(sizes[shape.place])} for m, shape in SCALES.items()}
            if spec.is_plain:
                del fields["branch_share"]
            probes.append(probe(label, step, **fields))
    parts, _ = updates(recipe.labels, curves, probes, dict.fromkeys(recipe.labels, SentUpTo(199, 190)))
    assert len(json.dumps(parts, separators=(",", ":"))) < 4_400  # beside it: the bar, the loader, a sentence


def test_a_long_run_is_thinned_to_what_a_screen_can_show() -> None:
    recipe = Recipe(nets=RECIPE.nets, steps=20_000)
    assert step_stride(recipe) == 20
    measured = [probe(PLAIN, n) for n in range(0, 20_000, 10)] + [probe(PLAIN, 19_999)]
    kept = [found.step for found in thin_probes(recipe, measured)]
    assert len(kept) <= race_data.MAX_PROBES + 1
    assert (kept[0], kept[1], kept[-1]) == (0, 50, 19_999)
    assert [step_stride(RECIPE), len(thin_probes(RECIPE, [probe(PLAIN, n) for n in range(0, 400, 10)]))] == [1, 40]


def test_the_recorded_run_has_something_for_every_net() -> None:
    shipped = recorded.read("degradation")
    parts, _ = updates(shipped.recipe.labels, shipped.curves, shipped.probes, {})
    assert [part["label"] for part in parts] == list(shipped.recipe.labels)
    assert all(part["probes"]["values"]["grad_norm"] for part in parts)
    assert shipped.first == shipped.probes[: len(parts)]


def test_a_head_is_told_by_its_content() -> None:
    light, dark = (head(RECIPE, mode) for mode in Mode)
    assert head_id(light) == head_id(head(RECIPE, Mode.LIGHT)) != head_id(dark)
    assert [net["label"] for net in light["nets"]] == [PLAIN, RESIDUAL]
    assert [quantity["id"] for quantity in light["quantities"]] == [m.value for m in Quantity]


def test_every_quantity_is_a_field_of_a_step_and_has_a_name() -> None:
    assert set(Quantity) <= set(Step.__dataclass_fields__)
    names = [quantity_payload(measured)["name"] for measured in Quantity]
    assert len(set(names)) == len(SCALES) == len(Quantity)
    infinite = probe(PLAIN, 0, grad_norm={"a": "Infinity"})  # as a file says it
    assert layer_values(infinite, Quantity.GRAD_NORM) == [math.inf]
    assert layer_names(probe(PLAIN, 0), MeasuringPoint.CONVS) == ()


def test_sequential_colours_rise_in_lightness() -> None:
    def luminance(color: str) -> float:  # WCAG 2.1
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    found = [luminance(color) for color in SEQUENTIAL]
    assert found == sorted(found)


@pytest.mark.parametrize("mode", Mode)
def test_no_two_nets_of_a_race_look_alike(mode: Mode) -> None:
    others = [residual_preset("cifar_resnet20", order=order) for order in Order]
    races = (
        [residual_preset("cifar_plain20"), *others],
        [residual_preset(f"cifar_resnet{depth}", widths=(w, w, w)) for depth in (20, 56) for w in (4, 8)],
    )
    for specs in races:
        found = style_nets(specs, mode)
        assert len({look.color for look in found.values()}) == len(found)


def test_a_race_without_norms_opens_on_what_vanishes_there() -> None:
    bare = Recipe(nets=(RECIPE.nets[0], RECIPE.nets[1].replace(norm=Norm.NONE)))
    assert head(RECIPE, Mode.LIGHT)["opens"] == "grad_norm"
    assert head(bare, Mode.LIGHT)["opens"] == "block_grad_norm"
    assert {"grad_norm", "block_grad_norm"} <= {one["id"] for one in head(bare, Mode.LIGHT)["quantities"]}
