"""Changes of an identified net from its nearest net, in words."""

from resnet_viz.analysis.matches import CostedChange, Match, besides_text, signed_count
from resnet_viz.i18n import _
from resnet_viz.spec.codec import format_field
from resnet_viz.spec.enums import DimMatch, Order, Stem, StrideOn
from resnet_viz.spec.titles import order_name, title


def counted(match: Match) -> int:
    """Returns the number by which a net was found: its work, its parameters, or these with what was counted besides."""
    return match.params + sum(match.besides) if match.work is None else match.work.work


def match_text(match: Match) -> str:
    """Returns the changes of a net from its nearest net, what was counted, and what was chosen among meanings."""
    if match.work is not None:
        convention, size = match.work.convention, match.spec.image_size
        return _("{net} at {size} px; {convention}: {rule}").format(
            net=title(match.spec), size=size, convention=convention.name, rule=_(convention.rule)
        )
    return ". ".join(filter(None, (_changed_text(match), besides_text(match.params, match.besides), match.note)))


def _changed_text(match: Match) -> str:
    if not match.costed:
        return _("{title}, the preset unchanged").format(title=title(match.spec))
    before = match.params - sum(change.params or 0 for change in match.costed)
    changes = ", ".join(map(_costed, match.costed))
    return _("{base} ({before:,}) with {changes}").format(base=match.base, before=before, changes=changes)


def _costed(change: CostedChange) -> str:
    text = _change_text(change)
    return text if change.params is None else f"{text} ({signed_count(change.params)})"


def _change_text(change: CostedChange) -> str:
    match change.field, change.value:
        case "num_classes", int(number):
            return _("{n:,} classes").format(n=number)
        case "in_channels", 1:
            return _("grey images")
        case "in_channels", int(number):
            return _("{n} image channels").format(n=number)
        case "stem", Stem.CIFAR:
            return _("a 3×3 stem without max pool")
        case "stem", Stem.IMAGENET:
            return _("a 7×7 stem and max pool")
        case "conv_bias", bool(has_bias):
            return _("convolution biases") if has_bias else _("no convolution biases")
        case "projection_norm", bool(has_norm):
            return _("norms after projections") if has_norm else _("no norms after projections")
        case "stride_on", StrideOn.FIRST_1X1:
            return _("the stride on the first 1×1")
        case "stride_on", StrideOn.CONV_3X3:
            return _("the stride on the 3×3")
        case "order", Order() as order:
            return _("activation order “{order}”").format(order=order_name(order))
        case "dim_match", DimMatch() as option:
            return _("option {letter} where the shape changes").format(letter=option.letter)
        case field, value:
            return f"{field}={format_field(value)}"
