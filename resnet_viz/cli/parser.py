"""How the commands read their arguments: examples in every --help, and one sentence for what cannot be."""

import argparse
from collections.abc import Callable, Iterable
from typing import Any, Final, NoReturn

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.spec.validation import near

PROGRAM: Final = "python -m resnet_viz"
_LONGEST: Final = 60


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line instead of printing its usage first."""

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
        if action.choices is None or value in action.choices:
            return
        words = [str(choice) for choice in action.choices]
        sentence = _("{name} is one of {words}; got {value!r}.").format(
            name=_name(action), words=", ".join(words), value=str(value)[:_LONGEST]
        )
        raise argparse.ArgumentError(None, sentence + near(str(value), words))


def _name(action: argparse.Action) -> str:
    return action.option_strings[-1] if action.option_strings else str(action.metavar or action.dest)


def add_command(commands: Any, name: str, text: str, *, examples: Iterable[str]) -> argparse.ArgumentParser:
    """Adds a command and returns its parser.

    Args:
        commands: what `add_subparsers` returned.
        name: of the command.
        text: what it does, in a few words.
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


def whole(low: int, high: int) -> Callable[[str], int]:
    """Returns a reader of whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        is_whole = text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _LONGEST
        if not is_whole or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(
                _("a whole number from {low:,} to {high:,}; got {text!r}.").format(
                    low=low, high=high, text=text[:_LONGEST]
                )
            )
        return int(text)

    return read
