"""Formatter of Python calls and docstrings; its output is stable under `ruff format`."""

import textwrap
from collections.abc import Iterable
from typing import Final, NamedTuple

LINE: Final = 100  # characters of a line of exported code
STEP: Final = 4


class CallExpression(NamedTuple):
    """A call, or another head with arguments in parentheses, such as that of a function.

    Attributes:
        head: text before the parentheses: "self.branch = sequence", "conv1=nn.Conv2d".
        args: arguments.
        foot: text after the parentheses: " -> None:".
        is_tall: whether every argument gets a line of its own even if one line could hold them all.
    """

    head: str
    args: tuple["str | CallExpression", ...] = ()
    foot: str = ""
    is_tall: bool = False

    @property
    def flat(self) -> str:
        """The call on one line."""
        inside = ", ".join(arg if isinstance(arg, str) else arg.flat for arg in self.args)
        return f"{self.head}({inside}){self.foot}"


def format_call(call: CallExpression, *, column: int = 0) -> list[str]:
    """Returns the lines of a call: one if it fits, else all arguments on a line of their own, else a line for each.

    Args:
        call: the call.
        column: indentation that the lines will get.
    """
    if not call.is_tall and column + len(call.flat) <= LINE:
        return [call.flat]
    is_tall = call.is_tall or any(isinstance(arg, CallExpression) and arg.is_tall for arg in call.args)
    together = CallExpression("", call.args).flat[1:-1]
    if not is_tall and column + STEP + len(together) <= LINE:
        return [f"{call.head}(", *indented([together]), f"){call.foot}"]
    lines = [f"{call.head}("]
    for arg in call.args:
        inner = [f"{arg},"] if isinstance(arg, str) else format_call(_with_comma(arg), column=column + STEP)
        lines += indented(inner)
    return [*lines, f"){call.foot}"]


def docstring(summary: str, paragraphs: Iterable[str | list[str]] = (), *, column: int = 0) -> list[str]:
    """Returns the lines of a docstring: a summary, then paragraphs, wrapped unless they are lists of lines."""
    rest: list[str] = []
    for paragraph in paragraphs:
        lines = textwrap.wrap(paragraph, LINE - column) if isinstance(paragraph, str) else paragraph
        rest += ["", *lines]
    return [f'"""{summary}', *rest, '"""'] if rest else [f'"""{summary}"""']


def indented(lines: Iterable[str]) -> list[str]:
    """Returns the lines indented by one step; empty ones stay empty."""
    return [" " * STEP + line if line else line for line in lines]


def _with_comma(call: CallExpression) -> CallExpression:
    return call._replace(foot=f"{call.foot},")
