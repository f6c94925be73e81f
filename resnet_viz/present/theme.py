"""One palette of roles for graph, charts, formulas and text, from the Okabe-Ito colours, in light and dark.

Okabe and Ito 2008, "Color Universal Design": orange, sky blue, bluish green, blue, vermillion, reddish purple, black.
Dark mode keeps the hues and lifts their lightness; fills are the hue mixed into the page's background.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from resnet_viz.graph.roles import Palette, Role, RoleColors


class Mode(StrEnum):
    """Themes of the page."""

    LIGHT = "light"
    DARK = "dark"


PALETTES: Final[Mapping[Mode, Palette]] = {
    Mode.LIGHT: {
        Role.SHORTCUT: RoleColors(line="#D55E00", fill="#FBE5D6", text="#A94A00"),
        Role.DROPOUT: RoleColors(line="#F0E442", fill="#FBF5B0", text="#6E6300"),
        Role.BRANCH: RoleColors(line="#0072B2", fill="#DCEBF5", text="#00609A"),
        Role.CONV: RoleColors(line="#56B4E9", fill="#E3F2FC", text="#0B6AA0"),
        Role.NORM: RoleColors(line="#009E73", fill="#DDF3EC", text="#00735A"),
        Role.ACT: RoleColors(line="#E69F00", fill="#FDF1D6", text="#8A5F00"),
        Role.POOL: RoleColors(line="#CC79A7", fill="#F8E8F0", text="#A04379"),
        Role.HEAD: RoleColors(line="#4B5563", fill="#E8EAEE", text="#374151"),
        Role.DATA: RoleColors(line="#6B7280", fill="#D5DAE3", text="#1B2236"),
    },
    Mode.DARK: {
        Role.SHORTCUT: RoleColors(line="#FF8A3D", fill="#4A2A14", text="#FFA566"),
        Role.DROPOUT: RoleColors(line="#F0E442", fill="#3C3910", text="#F0E442"),
        Role.BRANCH: RoleColors(line="#4DA3DB", fill="#12334A", text="#7FC0EC"),
        Role.CONV: RoleColors(line="#7CC8F2", fill="#17374B", text="#9AD5F7"),
        Role.NORM: RoleColors(line="#2EC49A", fill="#0F3A30", text="#5FD9B6"),
        Role.ACT: RoleColors(line="#F2B632", fill="#42330F", text="#F5C860"),
        Role.POOL: RoleColors(line="#DE96BF", fill="#43283A", text="#EAB2D0"),
        Role.HEAD: RoleColors(line="#9AA4B5", fill="#2A3244", text="#C6CEDB"),
        Role.DATA: RoleColors(line="#8C97AA", fill="#333E54", text="#E8ECF6"),
    },
}

# Viridis at nine points (Smith and van der Walt 2015, matplotlib, CC0): uniform steps of lightness, distinguishable
# with every colour vision deficiency and in grey. The same in light and dark: it fills areas.
SEQUENTIAL: Final = (
    *("#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C", "#28AE80", "#5EC962", "#ADDC30", "#FDE725"),
)


def mix_colors(color: str, other: str, share: float) -> str:
    """Returns `share` of `color` and the rest of `other`, both as #RRGGBB."""
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02X}" for a, b in pairs)


def _channels(color: str) -> tuple[int, ...]:
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
