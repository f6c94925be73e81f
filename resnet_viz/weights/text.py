"""Messages about identified weights, the same in every entrance: `which`, pages, `export`."""

from collections.abc import Iterator, Sequence
from typing import Final

from resnet_viz.i18n import N_, _, ngettext
from resnet_viz.spec.enums import Shortcut
from resnet_viz.spec.titles import title, value_name
from resnet_viz.spec.vgg import POOLED_SIDE, AnySpec, VggSpec
from resnet_viz.weights.by_structure import BY_STRUCTURE
from resnet_viz.weights.heads import FEWEST_CLASSES
from resnet_viz.weights.identified import Choice, Identified, Remark
from resnet_viz.weights.outside import quote, recognise_surroundings

_MOST_QUOTED: Final = 3
_STRIDE: Final = N_("Shapes do not show the convolution of a bottleneck that downsamples.")
_PLAIN: Final = N_(
    "Shapes do not show whether the net has shortcuts: a plain net and a residual one without projections have the "
    "same tensors, and so has one with constant factors or dropout on its shortcuts."
)
_GATES: Final = N_("Shapes do not show whether the gates act on the shortcuts alone or on the branches, too.")
_UNSEEN: Final = N_(
    "Shapes do not show strides, pools and activations either; they are taken to be as usual. "
    "A net with blurred pools (BlurPool) has the same tensors."
)
_REMARKS: Final = {
    Remark.AFFINE_NORMS: N_(
        "Its norms are scales and shifts alone (Detectron's AffineChannel); norms with a running mean of 0 and a "
        "variance that divides by 1 compute the same."
    ),
    Remark.PROJECTION_INPUT: N_(
        "Projections of some pre-activation nets with these names read the block's input as it is; here they read it "
        "after norm and activation, as in He et al. 2016."
    ),
}


_COLOURS: Final = 3
_BGR: Final = {  # names of tables whose nets read blue first, with the means by which their images are shifted
    "Caffe2": N_(  # facebookresearch/Detectron detectron/core/config.py, PIXEL_MEANS
        "Nets with these names read images as BGR from 0 to 255, less 102.98, 115.95 and 122.77. On the attribution "
        "page this is channels BGR, a mean of 0.4815, 0.4547, 0.4038 and a standard deviation of 0.003922."
    ),
    "detectron2": N_(  # facebookresearch/detectron2 detectron2/config/defaults.py, PIXEL_MEAN
        "Most nets with these names read images as BGR from 0 to 255, less 103.53, 116.28 and 123.675; those converted "
        "from torchvision read RGB. On the attribution page BGR is channels BGR, a mean of 0.485, 0.456, 0.406 and a "
        "standard deviation of 0.003922."
    ),
}


def messages(found: Identified) -> tuple[str, ...]:
    """Returns all that is to be known about identified weights beside the net's name."""
    return (*what_differs(found), *map(choice_message, found.choices), *what_is_unseen(found))


def what_differs(found: Identified) -> Iterator[str]:
    """Yields the differences between the file and the net: of its head, tensors and nets besides, and its own word."""
    if found.contradicted is not None:
        yield _("The file names {stated} as its net, but its tensors are of {found}.").format(
            stated=title(found.contradicted), found=title(found.spec)
        )
    if found.naming == BY_STRUCTURE.name:
        yield _("The names of its layers are of no known table; they were read by their order and shapes.")
    around = surroundings_message(found.spec, found.extra, None if found.has_head else found.other_head)
    if around:
        yield around
    elif not found.has_head:
        yield head_message(found.spec, found.other_head)
    if not found.has_head:
        yield _("Its parameters are counted with a head of {num:,} classes.").format(num=found.spec.num_classes)
    elif found.missing:
        yield _("Its head has no bias; it is taken as zero.")
    if found.heads:
        yield _("It has {num} layers that can be its head: {keys}. The first is taken.").format(
            num=len(found.heads), keys=quoted(found.heads)
        )
    if found.prefixes:
        yield _("The file holds {num} nets, under {prefixes}. The first is taken.").format(
            num=len(found.prefixes), prefixes=quoted(found.prefixes)
        )
    told = tuple(f".{layer}" for layer in (*found.heads, *found.other_head))
    extra = [key for key in found.extra if not f".{key.rpartition('.')[0]}".endswith(told)]
    if extra and not around:
        yield extra_message(extra)


def surroundings_message(spec: AnySpec, extra: Sequence[str], linear: Sequence[str] | None) -> str:
    """Returns the message about a larger net of which the identified one is a part; "" where there is none."""
    around = recognise_surroundings(extra, linear)
    if around is None:
        return ""
    message = ngettext(
        "In this file {title} is the backbone of {what}. One other tensor, {key}, is of a layer that is not described "
        "here.",
        "In this file {title} is the backbone of {what}. The other {num:,} tensors, among them {key}, are of layers "
        "that are not described here.",
        len(extra),
    ).format(what=_(around.meaning), title=title(spec), num=len(extra), key=quote(around.key))
    return f"{message} {_(around.note)}" if around.note else message


def head_message(spec: AnySpec, other_head: Sequence[str], extra: Sequence[str] = ()) -> str:
    """Returns the message about weights without a head, or with one that nets here have not.

    Args:
        spec: the net.
        other_head: names of the fully connected layers in the file.
        extra: keys of the tensors that belong to no layer, which can show a larger net.
    """
    around = surroundings_message(spec, extra, other_head)
    if around:
        return around
    if not other_head:
        return _("The net is without its head, so that the number of classes is not known.")
    if isinstance(spec, VggSpec):
        needed = _("three layers, the first of which reads {num:,} numbers").format(
            num=spec.widths[-1] * POOLED_SIDE**2
        )
    else:
        needed = _("one layer of {fewest} outputs or more, which reads the mean of the last stage").format(
            fewest=FEWEST_CLASSES
        )
    return _("Its head, {keys}, is another than the one that such a net has here: {needed}.").format(
        keys=quoted(other_head), needed=needed
    )


def extra_message(extra: Sequence[str]) -> str:
    """Returns the message about tensors that belong to no layer."""
    if len(extra) == 1:
        return _("One tensor belongs to no layer and is left out: {keys}.").format(keys=quoted(extra))
    return _("{num:,} tensors belong to no layer and are left out: {keys}.").format(num=len(extra), keys=quoted(extra))


def choice_message(choice: Choice) -> str:
    """Returns the message about a field that weights leave open, with its possible values."""
    if choice.field == "stride_on":
        question = _(_STRIDE)
    else:
        question = _(_GATES) if Shortcut.EXCLUSIVE_GATING in choice.values else _(_PLAIN)
    values = ", ".join(f"{choice.field}={value} ({value_name(value)})" for value in map(str, choice.values))
    return _("{question} Possible are {values}.").format(question=question, values=values)


def what_is_unseen(found: Identified) -> Iterator[str]:
    """Yields what leaves no trace in weights and is taken to be as usual."""
    for remark in found.remarks:
        yield _(_REMARKS[remark])
    if not found.is_stated and found.naming in _BGR and found.spec.in_channels == _COLOURS:
        yield _(_BGR[found.naming])
    if found.unseen:
        fields = ", ".join(choice.field for choice in found.unseen)
        yield _("{sentence} Fields to set otherwise: {fields}.").format(sentence=_(_UNSEEN), fields=fields)


def quoted(keys: Sequence[str]) -> str:
    """Returns the first keys of a file, each in quotation marks, escaped and shortened."""
    few = ", ".join(map(quote, keys[:_MOST_QUOTED]))
    return few if len(keys) <= _MOST_QUOTED else f"{few}, …"
