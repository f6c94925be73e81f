"""Expansion of a drawing: a level for all of it, and parts, blocks and folds opened or closed by hand since.

Names are those of the plan: "stem", "stage3", "stage3.block2"; "stage3.block3.more" is the fold of the identical blocks
after block 2. As text, "-stage3" is closed by hand and "stage3.*" is open with everything inside.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from resnet_viz.graph.drawing import Level

MORE: Final = ".more"
_ALL_BELOW: Final = ".*"
_MOST_TOKENS: Final = 200  # of an address; more than anyone opens by hand
_TOKEN: Final = re.compile(r"-?(?:stem|head|stage[1-9]\d{0,3})(?:\.block[1-9]\d{0,3}(?:\.more)?)?(?:\.\*)?", re.ASCII)
_RANKS: Final = {Level.STAGE: 0, Level.BLOCK: 1, Level.LAYER: 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Expansion:
    """Parts and blocks that are open.

    Attributes:
        level: how far all of the net is open before any click.
        tokens: names opened or closed by hand since, oldest first.
    """

    level: Level = Level.STAGE
    tokens: tuple[str, ...] = ()

    @classmethod
    def from_text(cls, level: Level, text: str) -> Self:
        """Returns the expansion that an address holds; unknown names are left out, so that a stale link still opens."""
        tokens = [token for token in text.split(",")[:_MOST_TOKENS] if _TOKEN.fullmatch(token)]
        return cls(level=level, tokens=tuple(dict.fromkeys(tokens)))

    def __str__(self) -> str:
        """Returns the tokens as an address holds them."""
        return ",".join(self.tokens)

    def is_open(self, name: str, fold: str = "") -> bool:
        """Returns whether `name` is open. The last token counts.

        Args:
            name: of a part, a block or a fold.
            fold: the fold that can hide the block, or ""; all below it may have been opened with it.
        """
        for token in reversed(self.tokens):
            if token == name:
                return True
            if token == f"-{name}":
                return False
            outer = token.removesuffix(_ALL_BELOW)
            if outer != token and (_is_within(name, outer) or outer == fold):
                return True
        return self._is_open_by_level(name)

    def toggle(self, name: str, fold: str = "") -> Self:
        """Returns the expansion after a click on `name`: opened, or closed together with everything inside."""
        is_open = self.is_open(name, fold)
        kept = self._outside(name) if is_open else self._without(name)
        bare = self._replace(kept)
        if bare.is_open(name, fold) is not is_open:  # leaving others out is enough
            return bare
        return self._replace((*kept, f"-{name}" if is_open else name))

    def open_below(self, name: str) -> Self:
        """Returns the expansion in which `name` and everything inside is open, folded blocks too."""
        return self._replace((*self._outside(name), f"{name}{_ALL_BELOW}"))

    def reveal(self, path: Iterable[str]) -> Self:
        """Returns the expansion in which all of `path` is open: parts, folds and blocks, outermost first."""
        opened = self
        for name in path:
            if not opened.is_open(name):
                opened = opened.toggle(name)
        return opened

    def up(self) -> Self:
        """Returns the expansion one level up: without the name opened last, or at the level above."""
        opened = [token for token in self.tokens if not token.startswith("-")]
        if opened:
            last = opened[-1]
            return self._replace(tuple(token for token in self.tokens if token != last))
        above = {Level.LAYER: Level.BLOCK, Level.BLOCK: Level.STAGE, Level.STAGE: Level.STAGE}[self.level]
        return type(self)(level=above)

    def _is_open_by_level(self, name: str) -> bool:
        if name.endswith(MORE):
            return False
        is_part_of_layers = name in ("stem", "head")
        needed = 2 if is_part_of_layers or "." in name else 1
        return _RANKS[self.level] >= needed

    def _outside(self, name: str) -> tuple[str, ...]:
        return tuple(token for token in self.tokens if not _is_within(_bare(token), name))

    def _without(self, name: str) -> tuple[str, ...]:
        return tuple(token for token in self.tokens if token not in (name, f"-{name}"))

    def _replace(self, tokens: tuple[str, ...]) -> Self:
        return type(self)(level=self.level, tokens=tokens)


def _bare(token: str) -> str:
    return token.removeprefix("-").removesuffix(_ALL_BELOW)


def _is_within(name: str, outer: str) -> bool:
    """Returns whether `name` is `outer` or inside it; a fold has its first block's name, but is not inside it."""
    return name == outer or (name.startswith(f"{outer}.") and name != f"{outer}{MORE}")
