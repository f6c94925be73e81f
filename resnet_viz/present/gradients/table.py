"""Table of the gradients page: both gradients, first over last, and the loss of each net; every value as CSV."""

from collections.abc import Sequence

from resnet_viz.i18n import _
from resnet_viz.present.gradients.curves import View, curves_of, squared_ratio
from resnet_viz.present.gradients.figure import panel_title
from resnet_viz.present.gradients.nets import BenchNet
from resnet_viz.present.gradients.numbers import number_text, quotient, range_text
from resnet_viz.present.gradients.steps import NetSteps
from resnet_viz.present.gradients.trend import Trend, ratio_text, trend_of
from resnet_viz.present.tables import Rows
from resnet_viz.theory.gradients import STEPS, GradientCurves


def ratio_table(nets: Sequence[BenchNet], records: Sequence[GradientCurves]) -> Rows:
    """Returns a row per net: first over last of both gradients, and the loss, over the seeds."""
    rows: Rows = []
    for blocks, weights in zip(*(curves_of(nets, records, view) for view in (View.BLOCK, View.WEIGHT)), strict=True):
        losses = [record.loss for record in records if nets[record.place] == blocks.net]
        rows.append(
            {
                _("net"): blocks.net.title,
                _("norm"): panel_title(blocks.net.has_norm),
                _("block gradient, first / last"): _ratio(blocks.ratios),
                _("weight gradient, first / last"): _ratio(weights.ratios),
                _("loss before training"): range_text(losses),
                _("seeds"): len(blocks.seeds),
            }
        )
    return rows


def step_table(nets: Sequence[NetSteps]) -> Rows:
    """Returns a row per step, as many as are named in tables of the theory, with first over last of each net."""
    steps = [step for step in nets[0].steps if step in STEPS]
    return [
        {
            _("step"): step,
            **{
                f"{net.net.title}, {panel_title(net.net.has_norm)}": _ratio(net.curves[net.steps.index(step)].ratios)
                for net in nets
                if step in net.steps
            },
        }
        for step in steps
    ]


def seed_table(nets: Sequence[BenchNet], records: Sequence[GradientCurves]) -> Rows:
    """Returns a row per net, seed and step with unrounded ratios."""
    return [
        {
            **_of(nets[record.place], record),
            _("block gradient, first / last"): quotient(record.block_grad[0], record.block_grad[-1]),
            _("weight gradient, first / last"): quotient(record.grad[0], record.grad[-1]),
            _("loss"): record.loss,
        }
        for record in records
    ]


def place_table(nets: Sequence[BenchNet], records: Sequence[GradientCurves]) -> Rows:
    """Returns a row per measured place, unrounded: each block and each convolution of a branch."""
    rows: Rows = []
    quantities = [str(view) for view in View]
    for record in records:
        own = _of(nets[record.place], record)
        empty = dict.fromkeys(quantities, "")
        for name, grad, std, share in zip(
            record.blocks, record.block_grad, record.activation_std, record.branch_share, strict=True
        ):
            values = {View.BLOCK: grad, View.STD: std, View.SHARE: squared_ratio(share)}
            rows.append({**own, _("place"): name, **empty, **{str(view): value for view, value in values.items()}})
        for name, grad in zip(record.convs, record.grad, strict=True):
            rows.append({**own, _("place"): name, **empty, str(View.WEIGHT): grad})
    return rows


def _of(net: BenchNet, record: GradientCurves) -> dict[str, object]:
    return {
        _("net"): net.title,
        _("norm"): net.spec.norm.value,
        _("depth"): net.spec.depth,
        _("width"): net.spec.widths[0],
        _("seed"): record.seed,
        _("step"): record.step,
    }


def _ratio(ratios: Sequence[float]) -> str:
    return ratio_text(ratios) if trend_of(ratios) is not Trend.UNKNOWN else ", ".join(map(number_text, ratios))
