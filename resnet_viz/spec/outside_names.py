"""Names of well-known nets that no spec describes, each with what it has that the vocabulary lacks.

Patterns match names in lower case with one underscore between their words. The first that matches counts.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from resnet_viz.i18n import N_

_SQUEEZE: Final = N_("squeeze-and-excitation in its branches (Hu et al. 2018)")
_ATTENTION: Final = N_("attention over channels or places in its branches")
_DEEP_STEM: Final = N_("a deep stem of three 3×3 convolutions (He et al. 2019)")
_SHORTCUT_POOL: Final = N_(
    "a deep stem of three 3×3 convolutions and average pooling in front of its projections (He et al. 2019)"
)
_SEPARABLE: Final = N_("inverted residuals with depthwise separable convolutions")
_NO_BLOCKS: Final = N_("neither VGG's row of 3×3 convolutions nor residual blocks")
_TRANSFORMER: Final = N_("attention in place of convolutions")
_WEIGHT_NORM: Final = N_("group normalisation and weight standardisation (Kolesnikov et al. 2020)")

OUTSIDE_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        r"res2ne(x)?t": N_("3×3 convolutions that hand on to each other within a block (Gao et al. 2019)"),
        r"tresnet": N_("squeeze-and-excitation and a stem that folds space into channels (Ridnik et al. 2021)"),
        r"resnest|resnest_": N_("split attention (Zhang et al. 2020)"),
        r"resnet_?rs": N_(
            "squeeze-and-excitation, a deep stem and an average pool before projections (Bello et al. 2021)"
        ),
        r"(legacy_)?se_?(res|net)": _SQUEEZE,
        r"(gc|cbam|bat|eca|ecal|ese|ge|bot|lambda|halo|lamhalobot|bam|nl)_?(net|res|nf)": _ATTENTION,
        r"sk_?res": N_("selective kernels (Li et al. 2019)"),
        r"(bit|.*_bit$|.*x[1-4]_bit)": _WEIGHT_NORM,
        r"resnet_v2_[0-9]+x[0-9]": _WEIGHT_NORM,
        r"(r3d|r2plus1d|mc3|slowfast|i3d|c3d|resnet_?3d)": N_("convolutions over time"),
        r".*_(gn|evos|frn|evob)$|.*group_?norm": N_("group or evolved normalisation; norm is batch or none here"),
        r".*_(ibn|ibn_[ab]|in)$": N_("instance normalisation in its blocks (Pan et al. 2018)"),
        r"resnet_?(blur|aa)|.*blur_?pool": N_("blurred pooling in place of strides (Zhang 2019)"),
        r"(pre_?act_)?resnet(_v2)?_?[0-9]+(_v1)?_?(d|vd)$|resnext[0-9_]+d_[0-9x]+d$": _SHORTCUT_POOL,
        r"resnet(_v2)?_?[0-9]+(_v1)?_?(c|s|t|ts|q|st|stem)$|resnext[0-9_]+ts$": _DEEP_STEM,
        r"(clip_?)?rn[0-9]+(x[0-9]+)?$|resnet[0-9x]+_clip": N_(
            "a deep stem and attention pooling (Radford et al. 2021)"
        ),
        r"dense_?net": N_("concatenation in place of addition (Huang et al. 2017)"),
        r"highway": N_("gates that learn from x alone between layers of one width (Srivastava et al. 2015)"),
        r"rev_?net|irevnet": N_("reversible blocks (Gomez et al. 2017)"),
        r"pyramid_?net": N_("widths that grow in every block (Han et al. 2017)"),
        r"shake": N_("two branches in a block with random weights (Gastaldi 2017)"),
        r"fixup": N_("scalar biases and multipliers in place of norms (Zhang et al. 2019)"),
        r"(nf|dm_nf)_?(net|res)|nf_": N_("scaled weights in place of norms (Brock et al. 2021)"),
        r"regnet": N_("widths by a design space's rule and stems of its own (Radosavovic et al. 2020)"),
        r"inception_?resnet|inception|xception|googlenet|bn_inception|google_net": N_(
            "parallel convolutions of several sizes in a block"
        ),
        r"(tf_)?efficientnet|mobile_?net|mnasnet|fbnet|mixnet|ghost_?net|hardcorenas|spnasnet|rexnet": _SEPARABLE,
        r"shuffle_?net": N_("grouped 1×1 convolutions with shuffled channels"),
        r"squeeze_?net": N_("fire modules"),
        r"conv_?next|conv_?mixer|repvgg|repghost": N_("blocks with depthwise or reparametrised convolutions"),
        r"alex_?net|lenet|zfnet|caffenet|nin$|maxout|all_?cnn|fitnet": _NO_BLOCKS,
        r"(vit|deit|beit|swin|xcit|cait|pvt|maxvit|levit|coat|pit|mvit|eva|dino)(v?[0-9]*)?(_|$)": _TRANSFORMER,
        r".*(vit|former)(_|v?[0-9]|$)|hiera|coatne|aimv2": _TRANSFORMER,
        r"mlp_?mixer|mixer_|resmlp|gmlp": N_("fully connected layers over pixels"),
        r"nasnet|pnasnet|amoebanet|darts": N_("cells found by a search"),
        r"hr_?net|dla[0-9]|dpn[0-9]|darknet|cspnet|csp_?(res|dark)|vovnet|selecsls|yolo|u_?net|fcn|deeplab|ssd|rcnn|"
        r"(faster|mask|retina)|.*_fpn(_|$)": N_("connections between stages or heads for other tasks"),
        r"(ir|iresnet|ir_se)_?[0-9]+$|arcface": N_("PReLU and a head for faces"),
    }
)


def outside_reason(name: str) -> str | None:
    """Returns what a well-known net has that no spec describes, to be translated; None for a name not known so."""
    return next((reason for pattern, reason in OUTSIDE_NAMES.items() if re.match(pattern, name)), None)
