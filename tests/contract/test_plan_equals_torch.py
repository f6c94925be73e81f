"""The plan says what the torch module is: names, shapes, parameters, MACs, kept bytes, over the product of options."""

import contextlib
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resnet_viz.analysis.memory import FLOAT_BYTES
from resnet_viz.analysis.report import analyse, totals
from resnet_viz.errors import SpecError
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net, PlainBlock, ResidualBlock
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import BatchNorm
from resnet_viz.spec.enums import BlockKind, Norm, Order, Stem, StrideOn
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec
from tests.contract.families import FAMILIES, family_id
from tests.contract.test_receptive_field_by_gradient import outputs, span

pytestmark = pytest.mark.torch

SMALL: dict[str, Any] = {
    "blocks": (2, 2),
    "widths": (3, 5),
    "in_channels": 2,
    "image_size": 18,  # 18, 9, 5, 3: odd sides round as in torch
    "num_classes": 7,
}
BOTTLENECKS = [family for family in FAMILIES if family[1] is BlockKind.BOTTLENECK]
DETAILS = list(itertools.product(StrideOn, Norm, (False, True), (False, True)))
# Widths times width_per_group / 64 are whole; of three stages two can be dilated, one behind the other or alone.
GROUPED: dict[str, Any] = SMALL | {"blocks": (1, 2, 2), "widths": (4, 8, 8), "image_size": 34}
CARDINALITIES, WIDTHS_PER_GROUP = (1, 2, 3), (16, 64, 96)
DILATIONS: tuple[tuple[int, ...], ...] = ((), (2,), (3,), (2, 3))
SAMPLED = ("cardinality", "width_per_group", "dilated_stages", "projection_norm", "stride_on", "norm", "conv_bias")
NUM_SAMPLES = 6  # of 72 combinations of the four fields above, for each family
CONTAINERS = (nn.Sequential, PlainBlock, ResidualBlock)
BATCH = 2


def spec_fields(stem: Stem, block: BlockKind, order: Order, shortcut: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for stride_on, norm, conv_bias, zero_init in DETAILS:
        yield {
            **SMALL,
            "stem": stem,
            "block": block,
            "order": order,
            **shortcut,
            "stride_on": stride_on,
            "norm": norm,
            "conv_bias": conv_bias,
            "zero_init_residual": zero_init,
        }


def legal_specs(*family: Any) -> Iterator[NetSpec]:
    for fields in spec_fields(*family):
        try:
            yield NetSpec(**fields)
        except SpecError:
            continue


def grouped_specs(family: tuple[Any, ...]) -> list[NetSpec]:
    """Nets of a family with a sample of groups, widths, dilation and bare projections; older options are drawn too."""
    stem, block, order, shortcut = family
    cardinalities = (1,) if block is BlockKind.BASIC else CARDINALITIES
    combinations = list(itertools.product(cardinalities, WIDTHS_PER_GROUP, DILATIONS, (True, False)))
    sampler = random.Random(FAMILIES.index(family))
    specs = []
    for combination in sampler.sample(combinations, min(NUM_SAMPLES, len(combinations))):
        drawn: dict[str, Any] = dict(zip(SAMPLED, (*combination, *sampler.choice(DETAILS)[:3]), strict=True))
        with contextlib.suppress(SpecError):  # a basic block at a quarter of the width takes no zero padding
            specs.append(NetSpec(**GROUPED, stem=stem, block=block, order=order, **shortcut, **drawn))
    return specs


def is_layer(module: nn.Module) -> bool:
    return not any(module.children()) and not isinstance(module, CONTAINERS)


def run_on_meta(net: Net, spec: AnySpec) -> tuple[list[tuple[str, tuple[int, ...]]], int]:
    """The layers that ran, in order, with the shape of what they put out, and the MACs that torch counted."""
    ran: list[tuple[str, tuple[int, ...]]] = []
    for name, module in net.named_modules():
        if is_layer(module):
            module.register_forward_hook(lambda _m, _i, out, name=name: ran.append((name, tuple(out.shape[1:]))))
    picture = torch.empty(BATCH, spec.in_channels, *spec.image_sides, device="meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(picture)
    flops = counter.get_total_flops()
    assert flops % (2 * BATCH) == 0
    return ran, flops // (2 * BATCH)  # a FLOP is half a multiply-add


def check_against_module(spec: AnySpec) -> None:
    analysis = analyse(lower(spec))
    net = build(spec, device="meta")
    ran, macs = run_on_meta(net, spec)
    assert ran == [(row.name, row.shape) for row in analysis.nodes], spec
    assert macs == analysis.totals.macs, spec
    assert sum(p.numel() for p in net.parameters()) == analysis.totals.params, spec
    own = {row.name: row.params for row in analysis.nodes}
    for name, module in net.named_modules():
        if is_layer(module):
            assert own.pop(name) == sum(p.numel() for p in module.parameters()), f"{name} of {spec}"
    assert not own, spec


@pytest.mark.parametrize(("stem", "block", "order", "shortcut"), FAMILIES, ids=family_id)
def test_names_shapes_parameters_and_macs_are_those_of_the_module(
    stem: Stem, block: BlockKind, order: Order, shortcut: dict[str, Any]
) -> None:
    for spec in legal_specs(stem, block, order, shortcut):
        check_against_module(spec)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: "-".join(map(family_id, family)))
def test_groups_widths_dilation_and_bare_projections_are_those_of_the_module_too(family: tuple[Any, ...]) -> None:
    for spec in grouped_specs(family):
        check_against_module(spec)


def test_the_sample_holds_every_pair_of_values() -> None:
    specs = [spec for family in BOTTLENECKS for spec in grouped_specs(family)]
    for first, second in itertools.combinations((*SAMPLED, "stem", "order", "shortcut", "dim_match"), 2):
        pairs = {(getattr(spec, first), getattr(spec, second)) for spec in specs}
        values = [{getattr(spec, name) for spec in specs} for name in (first, second)]
        if {first, second} != {"shortcut", "dim_match"}:  # a plain net matches nothing
            assert pairs == set(itertools.product(*values)), (first, second)


@pytest.mark.parametrize(("stem", "block", "order", "shortcut"), FAMILIES, ids=family_id)
def test_parts_and_blocks_sum_up_to_their_modules(
    stem: Stem, block: BlockKind, order: Order, shortcut: dict[str, Any]
) -> None:
    spec = next(legal_specs(stem, block, order, shortcut))
    analysis, net = analyse(lower(spec)), build(spec, device="meta")
    for row in (*analysis.parts, *analysis.blocks):
        assert row.params == sum(p.numel() for p in net.get_submodule(row.name).parameters()), row.name
    assert list(net.blocks) == [row.name for row in analysis.blocks]


def test_of_2080_combinations_864_are_refused_each_in_a_sentence() -> None:
    refusals: Counter[str] = Counter()
    num_asked = 0
    for family in FAMILIES:
        for fields in spec_fields(*family):
            num_asked += 1
            try:
                NetSpec(**fields)
            except SpecError as refusal:
                refusals[str(refusal)] += 1
                has_branch_norm = fields["order"] in ("original", "relu_only_preact") and fields["norm"] == "batch"
                assert fields["zero_init_residual"]
                assert fields["shortcut"] == "none" or not has_branch_norm
    assert num_asked == len(FAMILIES) * 2 * 2 * 2 * 2
    legal = (2 * 2 * 2 * 3 + 2 * 5 * 2) * 2 * 1 * 2  # two orders with A to C or with a kind of 2016, and a norm
    assert refusals.total() == num_asked // 2 - legal
    (sentence,) = refusals
    assert sentence.endswith(".")
    assert "norm=batch" in sentence


def check_kept_bytes(spec: AnySpec) -> None:
    plan, net = lower(spec), build(spec)
    own = {t.untyped_storage().data_ptr() for t in (*net.parameters(), *net.buffers())}
    saved: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    picture = torch.randn(BATCH, spec.in_channels, *spec.image_sides)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        logits = net(picture)
    assert logits.requires_grad
    # a norm keeps mean and inverse deviation of each channel once per batch: documented as not counted
    statistics = sum(2 * FLOAT_BYTES * node.op.channels for node in plan.nodes if isinstance(node.op, BatchNorm))
    assert sum(saved.values()) == BATCH * totals(plan).training_bytes + statistics


@pytest.mark.parametrize("norm", Norm)
@pytest.mark.parametrize(("stem", "block", "order", "shortcut"), FAMILIES, ids=family_id)
def test_kept_bytes_are_what_autograd_saves(
    stem: Stem, block: BlockKind, order: Order, shortcut: dict[str, Any], norm: Norm
) -> None:
    spec = NetSpec(**SMALL, stem=stem, block=block, order=order, norm=norm, **shortcut)
    check_kept_bytes(spec)


@pytest.mark.parametrize("family", BOTTLENECKS, ids=lambda family: "-".join(map(family_id, family)))
def test_kept_bytes_are_what_autograd_saves_of_groups_and_dilation(family: tuple[Any, ...]) -> None:
    check_kept_bytes(grouped_specs(family)[0])


@pytest.mark.parametrize(
    ("stem", "side", "changes"),
    [
        (Stem.CIFAR, 97, {"dilated_stages": (2, 3)}),
        (Stem.CIFAR, 97, {"dilated_stages": (2,), "cardinality": 2, "stride_on": StrideOn.FIRST_1X1}),
        (Stem.IMAGENET, 257, {"dilated_stages": (3,), "order": Order.FULL_PREACT}),
    ],
)
def test_the_receptive_field_of_a_dilated_net_is_the_support_of_a_gradient(
    stem: Stem, side: int, changes: dict[str, Any]
) -> None:
    spec = NetSpec(
        blocks=(1, 2, 2), widths=(1, 2, 2), stem=stem, block=BlockKind.BOTTLENECK, norm=Norm.NONE,
        in_channels=1, image_size=side, num_classes=2, **changes,
    )  # fmt: skip
    seen = {row.name: row.field for row in analyse(lower(spec)).nodes}
    x_NCHW, found = outputs(spec)
    for name in [name for name in seen if name.rpartition(".")[2] in ("conv2", "add")]:
        middle = found[name].shape[-1] // 2
        spans = []
        for column in (middle, middle + 1):
            out = found[name][0, :, middle, column].sum()
            (gradient,) = torch.autograd.grad(out, x_NCHW, retain_graph=True)
            spans.append(span(gradient))
        (first, last), (next_first, _next_last) = spans
        assert 0 < first <= last < side - 1, "the picture is too small for this test"
        assert (last - first + 1, next_first - first) == seen[name], name
