"""Evaluates the page's own equations: a parser of the few terms of KaTeX that they have."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from resnet_viz.present.blocks.equation_terms import TermPiece

TOKEN = re.compile(
    r"\\mathrm\{(?P<function>[A-Za-z]+)\}(?:_\{[^}]*\})?|(?P<product>\\ast|\\odot|\\,)|(?P<sigma>\\sigma)"
    r"|(?P<symbol>[Wb]_\w|[xypg](?![\w]))|(?P<number>\d+(?:\.\d+)?)|(?P<sign>[()+-])|\s+"
)


SIGNS = {"\u2217": r" \ast ", "\u2299": r" \odot ", "\u03c3": r"\sigma", "\u2009": r"\,", "\u2212": " - ", "+": " + "}


def bare(katex: str) -> str:
    """A term without its colours."""
    return re.sub(r"\\textcolor\{#[0-9A-F]{6}\}\{((?:[^{}]|\{[^{}]*\})*)\}", r"\1", katex)


def printed(pieces: Iterable[TermPiece]) -> str:
    """The term that the page's component writes, as the evaluator reads it: symbol after symbol."""
    return "".join(map(_symbol, pieces))


def _symbol(piece: TermPiece) -> str:
    text, low = piece["text"], piece["low"]
    if piece["kind"] == "upright":
        return rf"\mathrm{{{text}}}" + (f"_{{{low}}}" if low else "")
    if piece["kind"] == "script":
        return rf"\mathcal{{{text}}}"
    if piece["kind"] == "letter":
        return text.replace("\u2032", "'") + (f"_{low}" if low else "")
    return SIGNS.get(text, text)


class Evaluator:
    """Reads a term from left to right; `values` has its symbols, `convs` the convolution of each weight."""

    def __init__(self, term: str, values: Mapping[str, Tensor], convs: Mapping[str, Any]) -> None:
        text = bare(term)
        found = list(TOKEN.finditer(text))
        assert "".join(match[0] for match in found) == text, text  # nothing is skipped
        self._tokens = [match for match in found if match[0].strip()]
        self._values, self._convs = values, convs
        self._at = 0

    def value(self) -> Tensor:
        """The value of the whole term."""
        found = self._sum()
        assert self._at == len(self._tokens)
        return found

    def _peek(self) -> str:
        return self._tokens[self._at][0].strip() if self._at < len(self._tokens) else ""

    def _take(self) -> re.Match[str]:
        self._at += 1
        return self._tokens[self._at - 1]

    def _sum(self) -> Tensor:
        total = self._product()
        while self._peek() in ("+", "-"):
            sign = 1 if self._take()[0] == "+" else -1
            total = total + sign * self._product()
        return total

    def _product(self) -> Tensor:
        if self._peek().startswith("W_"):
            weight = self._convs[self._take()[0]]
            assert self._take()[0] == r"\ast"
            return F.conv2d(self._factor(), weight.weight, None, weight.stride, weight.padding)
        left = self._factor()
        if self._peek() in (r"\odot", r"\,"):
            self._take()
            return left * self._product()
        return left

    def _factor(self) -> Tensor:
        token = self._take()
        if token["function"] or token["sigma"]:
            return self._call(token["function"] or "sigma", self._in_parentheses())
        if token["number"]:
            return torch.tensor(float(token["number"]))
        if token[0] == "(":
            self._at -= 1
            return self._in_parentheses()
        name = token[0]
        if name == "g":
            gate, x = self._convs["W_g"], self._in_parentheses()
            return torch.sigmoid(F.conv2d(x, gate.weight, gate.bias, gate.stride))
        if name.startswith("b_"):
            bias: Tensor = self._convs[f"W{name[1:]}"].bias[None, :, None, None]
            return bias
        return self._values[name]

    def _in_parentheses(self) -> Tensor:
        assert self._take()[0] == "("
        found = self._sum()
        assert self._take()[0] == ")"
        return found

    def _call(self, function: str, arg: Tensor) -> Tensor:
        if function == "ReLU":
            return torch.relu(arg)
        if function == "BN":
            return F.batch_norm(arg, None, None, training=True)
        if function == "pad":
            half = arg[:, :, ::2, ::2]
            return F.pad(half, (0, 0, 0, 0, 0, half.shape[1]))
        if function == "sigma":
            return torch.sigmoid(arg)
        assert function == "dropout"
        return arg
