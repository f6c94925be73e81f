"""app: the pages in a browser, served from this machine. What `resnet-viz` does when it is given no command."""

import argparse
import errno
import os
import socket
import subprocess
import sys
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NoReturn

from resnet_viz.cli.parser import add_command, whole_number
from resnet_viz.errors import QueueError, Refusal
from resnet_viz.i18n import _
from resnet_viz.resources import ROOT
from resnet_viz.runs.paths import HOME_VARIABLE, home

LOCALHOST: Final = "localhost"
FIRST_PORT: Final = 8501  # Streamlit's own
_PORTS_TRIED: Final = 100
_LAST_PORT: Final = 65_535
_FOREIGN_ADDRESS: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def add_to(commands: Any) -> None:
    """Adds the command to the parser's."""
    parser = add_command(
        commands,
        "app",
        _("the pages in a browser, served from this machine; done when no command is given"),
        examples=("app", "app --port 8600 --no-browser", "app --address 0.0.0.0"),
    )
    parser.add_argument(
        "--port",
        type=whole_number("--port", 1, _LAST_PORT),
        metavar="N",
        help=_("port to serve at; without it, the first free one from {first}").format(first=FIRST_PORT),
    )
    parser.add_argument(
        "--address",
        default=LOCALHOST,
        metavar="HOST",
        help=_("address to serve at; 0.0.0.0 lets a class on the same network in (default: {address})").format(
            address=LOCALHOST
        ),
    )
    parser.add_argument("--no-browser", action="store_true", help=_("print the address only"))
    parser.set_defaults(run=_run)


def command_line(port: int, address: str, *, opens_browser: bool) -> list[str]:
    """Returns the arguments of the server's process.

    Args:
        port: port to serve at.
        address: name or IP address of this machine to serve at.
        opens_browser: whether Streamlit opens a browser once it is ready.
    """
    flags = {
        "server.port": str(port),
        "server.address": address,
        "server.headless": str(not opens_browser).lower(),
    }
    return [
        sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"),
        *(text for name, value in flags.items() for text in (f"--{name}", value)),
    ]  # fmt: skip


def free_port(address: str, port: int | None = None) -> int:
    """Returns `port` if it is free, or, without one, the first free port from 8501.

    Raises:
        Refusal: it is in use, no port is, or the address is not one of this machine's.
    """
    for candidate in (port,) if port else range(FIRST_PORT, FIRST_PORT + _PORTS_TRIED):
        if _is_free(address, candidate):
            return candidate
    if port:
        raise Refusal(
            _("Port {port} is in use. Name another one with --port, or none: then the first free one is taken.").format(
                port=port
            )
        )
    raise Refusal(
        _("The ports from {first} to {last} are all in use. Name another one with --port.").format(
            first=FIRST_PORT, last=FIRST_PORT + _PORTS_TRIED - 1
        )
    )


def has_browser() -> bool:
    """Returns whether this machine has a browser with a screen to show it on."""
    has_screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if sys.platform not in ("win32", "darwin") and not has_screen:
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _run(chosen: argparse.Namespace) -> None:
    if not (ROOT / "app.py").is_file():
        raise Refusal(_("The program's pages are missing: {path}. Install it again.").format(path=ROOT / "app.py"))
    if find_spec("streamlit") is None:
        raise Refusal(_("The pages need Streamlit, which is not installed: pip install streamlit."))
    port = free_port(chosen.address, chosen.port)
    opens_browser = not chosen.no_browser and has_browser()
    if not opens_browser and not chosen.no_browser:
        shown = LOCALHOST if chosen.address == "0.0.0.0" else chosen.address
        print(_("No browser was found on this machine. Open http://{address}:{port}").format(address=shown, port=port))
    _warn_if_nothing_is_kept()
    sys.stdout.flush()
    sys.stderr.flush()
    _become(command_line(port, chosen.address, opens_browser=opens_browser))


def _warn_if_nothing_is_kept() -> None:
    """Prints a sentence where runs cannot be kept: all other pages work without."""
    try:
        folder: Path | None = home()
    except QueueError:
        folder = None
    if folder is None or not os.access(folder, os.W_OK):
        print(
            _("Runs cannot be kept on this machine, so that nothing can be trained. Set {variable} to a folder that can"
              " be written. All other pages work.").format(variable=HOME_VARIABLE),
            file=sys.stderr,
        )  # fmt: skip


def _is_free(address: str, port: int) -> bool:
    try:
        family, *_rest, target = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise Refusal(_("{address!r} is no address of this machine.").format(address=address[:60])) from error
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        if os.name == "posix":  # as servers do; elsewhere the flag lets two of them share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(target)
        except PermissionError as error:
            raise Refusal(
                _("Port {port} needs an administrator's rights. Name one from 1024.").format(port=port)
            ) from error
        except OSError as error:
            if error.errno is not None and error.errno in _FOREIGN_ADDRESS:
                raise Refusal(_("{address!r} is no address of this machine.").format(address=address[:60])) from error
            return False
    return True


def _become(command: list[str]) -> NoReturn:
    """Runs the server in place of this process, so that signals and the exit status are its own."""
    if os.name == "posix":
        os.execv(command[0], command)
    sys.exit(subprocess.call(command))
