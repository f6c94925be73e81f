"""Paths of the run store on this machine: one folder, one file."""

import os
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _

HOME_VARIABLE: Final = "RESNET_VIZ_HOME"
STORE_NAME: Final = "runs.sqlite"


def home() -> Path:
    """Returns the folder of saved runs, created where it is missing.

    The environment variable RESNET_VIZ_HOME names it; the default is the user's data folder of this system.

    Raises:
        QueueError: the folder cannot be created.
    """
    named = os.environ.get(HOME_VARIABLE)
    folder = Path(named).expanduser() if named else user_data_path("resnet_viz", appauthor=False)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise QueueError(
            _("Runs cannot be saved on this machine. Set {variable} to a writable folder.").format(
                variable=HOME_VARIABLE
            )
        ) from error
    return folder.resolve()


def store_path() -> Path:
    """Returns the store's file, which need not exist yet; its folder does.

    Raises:
        QueueError: the folder cannot be created.
    """
    return home() / STORE_NAME
