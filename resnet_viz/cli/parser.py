"""Parsing of arguments: examples in every --help, and one message for an error."""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn

from resnet_viz.errors import Refusal, SpecError
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.resolve import resolve
from resnet_viz.spec.validation import one_of, shown, whole_in_range
from resnet_viz.spec.vgg import AnySpec

PROGRAM: Final = "python -m resnet_viz"


class Parser(argparse.ArgumentParser):
    """Parser whose errors are refusals of one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Refuses the arguments.

        Raises:
            Refusal: always.
        """
        ending = "" if message.endswith(".") else "."
        raise Refusal(
            _("{message}{ending} See `{prog} --help`.").format(message=message, ending=ending, prog=self.prog)
        )

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None:
            try:
                one_of(_name(action), value, [str(choice) for choice in action.choices])
            except SpecError as refusal:
                raise argparse.ArgumentError(None, str(refusal)) from None


def _name(action: argparse.Action) -> str:
    return action.option_strings[-1] if action.option_strings else str(action.metavar or action.dest)


def add_command(commands: Any, name: str, text: str, *, examples: Iterable[str]) -> argparse.ArgumentParser:
    """Adds a command and returns its parser.

    Args:
        commands: the result of `add_subparsers`.
        name: name of the command.
        text: its effect in a few words.
        examples: whole command lines, without the program's name.
    """
    lines = (f"  {PROGRAM} {example}" for example in examples)
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text[:1].upper() + text[1:] + ".",
        epilog="\n".join([_("examples:"), *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def whole_number(option: str, low: int, high: int) -> Callable[[str], int]:
    """Returns the type of an option: whole numbers from `low` to `high`."""

    def parse(text: str) -> int:
        try:
            return whole_in_range(option, int(text) if codec.WHOLE.fullmatch(text) else text, low, high)
        except SpecError as refusal:
            raise argparse.ArgumentError(None, str(refusal)) from None

    return parse


def add_net_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the preset's name and `--set field=value`."""
    parser.add_argument(
        "net", help=_("a preset, such as resnet50 or cifar_resnet56, or another name of a net: ResNet-50, WRN-34-10")
    )
    add_set_option(parser, _("change of a field of the preset; repeatable"))


def add_set_option(parser: argparse.ArgumentParser, text: str) -> None:
    """Adds `--set field=value` with the text of its help."""
    parser.add_argument("--set", dest="changes", action="append", default=[], metavar="FIELD=VALUE", help=text)


def spec_of(chosen: argparse.Namespace) -> AnySpec:
    """Returns the net that the arguments describe. A choice among the meanings of its name is noted on stderr.

    Raises:
        SpecError: an unknown preset or field, a wrong value, or `--set` without an equals sign.
    """
    found = resolve(chosen.net)
    if found.note and found.preset != chosen.net:
        print(found.note, file=sys.stderr)
    return spec_with(chosen.net, changes_of(chosen.changes))


def spec_with(name: str, changes: Mapping[str, str]) -> AnySpec:
    """Returns the net of a name with the texts of changed fields.

    Raises:
        SpecError: an unknown preset or field, or a wrong value.
    """
    for field, value in changes.items():
        codec.parse_field(field, value)  # unknown fields are refused here, but ignored in an address
    return codec.from_query({codec.NET: name, **changes}, default=name)


def changes_of(texts: Sequence[str]) -> dict[str, str]:
    """Returns field -> value of the `--set` options; the last value of a field holds.

    Raises:
        SpecError: no equals sign.
    """
    changes = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise SpecError(
                _("--set takes FIELD=VALUE, such as order=full_preact; got {text!r}.").format(text=shown(text))
            )
        changes[name] = value
    return changes
