"""Locations of the files that come with the program: pages, assets and what the browser is served.

The only module that knows where these files lie. In a checkout they are folders beside the package; a wheel carries
them inside it.
"""

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent
_IN_WHEEL: Final = _PACKAGE / "_site"

IMPORT_ROOT: Final = _PACKAGE.parent  # folder from which `import resnet_viz` finds this very package
ROOT: Final = _IN_WHEEL if _IN_WHEEL.is_dir() else IMPORT_ROOT
PAGES: Final = ROOT / "pages"
STATIC: Final = ROOT / "static"
ASSETS: Final = ROOT / "assets"
