"""Places of the explorer for sections of four notes on residual nets and for exercises of Dive into Deep Learning.

One table serves the start page, the contents of the theory page and docs/NOTES.md (`python -m tools.write_notes`).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import urlencode

from resnet_viz.i18n import N_


class NotePlace(NamedTuple):
    """Address of the explorer.

    Attributes:
        label: what is there; untranslated.
        page: stem of the page's file.
        query: the address's parameters.
    """

    label: str
    page: str
    query: dict[str, str]

    @property
    def address(self) -> str:
        """The address as a visitor types it behind the server's name."""
        return f"/{self.page}" + (f"?{urlencode(self.query, safe=',:')}" if self.query else "")


class NoteSection(NamedTuple):
    """Section of a note.

    Attributes:
        title: in English; untranslated.
        places: where its subject is.
    """

    title: str
    places: tuple[NotePlace, ...]


class Note(NamedTuple):
    """A note on residual nets.

    Attributes:
        number: that texts of the explorer call it by.
        title: in English; untranslated.
        original: its own title.
        sections: in its order.
    """

    number: str
    title: str
    original: str
    sections: tuple[NoteSection, ...]


class Exercise(NamedTuple):
    """Exercise of d2l, section 7.6.

    Attributes:
        text: in short; untranslated.
        answer: untranslated.
        places: states that show the answer.
    """

    text: str
    answer: str
    places: tuple[NotePlace, ...]


def _theory(label: str, show: str, **query: str) -> NotePlace:
    return NotePlace(label, "theory", {"show": show, **query})


_CLASSES: Final = _theory(N_("Nested function classes"), "functions")
_CONSTRUCTION: Final = _theory(N_("Deeper by construction"), "construction")
_NOTHING: Final = _theory(N_("Learning to do nothing"), "nothing")
_DEPTH: Final = _theory(N_("Loss against depth"), "depth")
_RACE: Final = NotePlace(N_("The race of plain and residual nets"), "training", {})
_GRADIENTS: Final = NotePlace(N_("Gradients of untrained nets by depth"), "gradients", {})
_ORDERS: Final = NotePlace(
    N_("The five orders side by side"),
    "blocks",
    {"block": "a_original,b_bn_after_add,c_relu_before_add,d_relu_only_preact,e_full_preact"},
)
_ORDER_SIGNALS: Final = _theory(N_("Signals in the five orders"), "orders")
_ORDER_RACE: Final = NotePlace(N_("The race of the five orders"), "training", {"recipe": "activation_orders"})
_OPTIONS: Final = NotePlace(N_("Options A, B, C"), "blocks", {"block": "option_a,option_b,option_c", "shape": "halves"})
_COUNT: Final = NotePlace(N_("73,728 and 69,632 parameters, factor by factor"), "parameters", {})
_RESNET34: Final = NotePlace(N_("ResNet-34 by blocks"), "architecture", {"net": "resnet34", "level": "block"})
_VGG: Final = NotePlace(
    N_("VGG-19, plain-34 and ResNet-34 side by side"),
    "architecture",
    {"net": "vgg19", "b.net": "plain34", "c.net": "resnet34"},
)
_FAMILY: Final = NotePlace(N_("Blocks and depths of the family"), "parameters", {"family": "imagenet"})

_SMALL_RUN: Final = NotePlace(N_("The same in small, to run here"), "training", {"recipe": "d2l_small"})

EXERCISES: Final = (
    Exercise(
        N_("How do Inception and residual blocks differ, and how are they related once paths are deleted?"),
        N_("Keep one path, add an identity, replace the concatenation by a fixed 1×1 convolution: a residual block."),
        (NotePlace(N_("Inception with paths to switch off"), "blocks", {"details": "inception"}),),
    ),
    Exercise(
        N_("Implement the variants of table 1 of He et al. 2015."),
        N_("All five are presets; depths are worked out in the table of the parameters page."),
        (NotePlace(N_("ResNet-34"), "architecture", {"net": "resnet34"}), _FAMILY),
    ),
    Exercise(
        N_("Implement the bottleneck for deeper nets."),
        N_("In d2l's ResNet-18 it makes 13,968,138 parameters; at equal width it has 17/18 of a basic block's."),
        (
            NotePlace(
                N_("d2l's ResNet-18 with bottlenecks"), "architecture", {"net": "d2l_resnet18", "block": "bottleneck"}
            ),
            _COUNT,
        ),
    ),
    Exercise(
        N_("Put norm and activation in front of the convolution (He et al. 2016, figure 1)."),
        N_("That is the order full pre-activation; d2l's ResNet-18 then has 11,178,378 parameters."),
        (
            NotePlace(
                N_("d2l's ResNet-18, pre-activation"), "architecture", {"net": "d2l_resnet18", "order": "full_preact"}
            ),
            _ORDERS,
        ),
    ),
    Exercise(
        N_("Why limit the complexity of functions even if classes are nested?"),
        N_("The training error never rises, but with noise the distance to the target does."),
        (_theory(N_("Nested classes with noise"), "functions", view="noise", degree="15"),),
    ),
)

NOTES: Final = (
    Note(
        "000",
        N_("ResNet, the residual net"),
        "ResNet: 残差神经网络",
        (
            NoteSection(N_("The limits of deep convolutional nets"), (_RACE, _DEPTH, _CONSTRUCTION)),
            NoteSection(
                N_("Residual blocks"),
                (
                    NotePlace(N_("d2l's two blocks"), "blocks", {"block": "d2l_residual,d2l_residual_1x1"}),
                    _NOTHING,
                    _OPTIONS,
                ),
            ),
            NoteSection(N_("ResNet-34"), (_RESNET34, _VGG)),
            NoteSection(
                N_("Bottleneck"),
                (_COUNT, NotePlace(N_("Basic block and bottleneck"), "blocks", {"block": "basic,bottleneck"})),
            ),
            NoteSection(
                N_("ResNets"),
                (_FAMILY, NotePlace(N_("ResNet-50"), "architecture", {"net": "resnet50", "level": "block"})),
            ),
            NoteSection(N_("Pre-activation"), (_ORDERS, _ORDER_SIGNALS, _ORDER_RACE)),
        ),
    ),
    Note(
        "002",
        N_("Dive into Deep Learning, section 7.6"),
        "残差网络 ResNet",
        (
            NoteSection(N_("Function classes"), (_CLASSES, _CONSTRUCTION)),
            NoteSection(
                N_("Residual blocks"),
                (NotePlace(N_("d2l's two blocks"), "blocks", {"block": "d2l_residual,d2l_residual_1x1"}), _NOTHING),
            ),
            NoteSection(
                N_("The ResNet model"),
                (
                    NotePlace(N_("d2l's ResNet-18"), "architecture", {"net": "d2l_resnet18"}),
                    NotePlace(N_("Its PyTorch code"), "architecture", {"net": "d2l_resnet18", "details": "code"}),
                ),
            ),
            NoteSection(N_("Training"), (NotePlace(N_("d2l's run"), "training", {"recipe": "d2l"}), _SMALL_RUN)),
            NoteSection(N_("Exercises"), (NotePlace(N_("The five exercises"), "theory", {}),)),
        ),
    ),
    Note(
        "003",
        N_("Lesson 9, residual nets"),
        "第 9 课: 残差网络",
        (
            NoteSection(
                N_("Structure of residual nets"),
                (
                    _theory(N_("Two layers by hand"), "layers"),
                    _DEPTH,
                    NotePlace(N_("plain-34 and ResNet-34"), "architecture", {"net": "plain34", "b.net": "resnet34"}),
                ),
            ),
            NoteSection(
                N_("Advantages: shortcuts and the flow of gradients"),
                (
                    _theory(N_("Delete, swap, shuffle blocks"), "lesions"),
                    _GRADIENTS,
                    _theory(N_("Paths of the gradient"), "paths"),
                ),
            ),
            NoteSection(
                N_("Code: block, downsample, ResNet-18"),
                (
                    NotePlace(N_("Its two blocks"), "blocks", {"block": "residual_64_64,residual_64_128"}),
                    NotePlace(
                        N_("ResNet-18 for ten classes"),
                        "architecture",
                        {"net": "resnet18", "num_classes": "10", "details": "code"},
                    ),
                ),
            ),
        ),
    ),
    Note(
        "004",
        N_("The residual net in one note, with code"),
        "论文笔记: 一文读懂残差网络ResNet",
        (
            NoteSection(N_("1 Problems of deep nets"), (_RACE, _DEPTH, _CONSTRUCTION)),
            NoteSection(
                N_("2.1, 2.2 Residual and residual module"),
                (NotePlace(N_("Equations of a block"), "blocks", {"details": "equations"}), _NOTHING),
            ),
            NoteSection(N_("2.3 Basic block and bottleneck"), (_COUNT,)),
            NoteSection(N_("2.4 Design, identity and change of shape"), (_FAMILY, _RESNET34, _OPTIONS)),
            NoteSection(
                N_("3 Forward and backward propagation"),
                (
                    _theory(N_("Product and sum"), "sum"),
                    _theory(N_("Paths of the gradient"), "paths"),
                    _theory(N_("Shattered gradients"), "shattering"),
                ),
            ),
            NoteSection(
                N_("4 Code"),
                (
                    NotePlace(N_("PyTorch code of ResNet-50"), "architecture", {"net": "resnet50", "details": "code"}),
                    NotePlace(
                        N_("Dilation keeps the map's size"),
                        "architecture",
                        {"net": "resnet50", "dilated_stages": "3,4"},
                    ),
                ),
            ),
            NoteSection(
                N_("5 Identity mappings and λ"),
                (_theory(N_("λ on the shortcut"), "lambda", value="0.9"), _theory(N_("Product and sum"), "sum")),
            ),
            NoteSection(
                N_("6 Variants of the shortcut"),
                (
                    NotePlace(
                        N_("Five shortcuts side by side"),
                        "blocks",
                        {"block": "identity,scaled_half,exclusive_gating,shortcut_only_gating,conv1x1"},
                    ),
                    _GRADIENTS,
                ),
            ),
            NoteSection(N_("7 Variants of the module"), (_ORDERS, _ORDER_SIGNALS, _ORDER_RACE)),
        ),
    ),
)


def all_places() -> Iterator[NotePlace]:
    """Yields every address that the tables name, again where they name it again."""
    for note in NOTES:
        for section in note.sections:
            yield from section.places
    for exercise in EXERCISES:
        yield from exercise.places


def notes_markdown() -> str:
    """Returns docs/NOTES.md."""
    lines = [
        "# Where is this in the explorer?",
        "",
        "Sections of four notes on residual nets, and where their subjects are. Addresses follow the server's name, as",
        "in `http://localhost:8501/theory?show=functions`. The start page links to all of them.",
        "",
    ]
    for note in NOTES:
        lines += [
            f"## Note {note.number}: {note.title} ({note.original})",
            "",
            "| section | in the explorer |",
            "|---|---|",
        ]
        lines += [f"| {section.title} | {_addresses(section.places)} |" for section in note.sections]
        lines.append("")
    lines += ["## Exercises of Dive into Deep Learning, section 7.6", ""]
    for number, exercise in enumerate(EXERCISES, start=1):
        lines.append(f"{number}. {exercise.text} {exercise.answer} {_addresses(exercise.places)}")
    return "\n".join(lines) + "\n"


def _addresses(places: tuple[NotePlace, ...]) -> str:
    return "; ".join(f"{place.label}: `{place.address}`" for place in places)
