"""Menus of the nets of the attribution page."""

from typing import Final

from resnet_viz.attribution import defaults
from resnet_viz.ui.widgets.nets.menu import NetMenu

NETS: Final = NetMenu(defaults=defaults.NETS)
