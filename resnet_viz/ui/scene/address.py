"""Address under which the phones of a class open a room, as far as this machine can know it without asking another."""

import ipaddress
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui.widgets.shared_cache import shared_cache

PAGE: Final = "vote"
_SOMEWHERE: Final = ("192.0.2.1", 9)  # of RFC 5737, no one's: a datagram socket that is connected to it sends nothing
_FRESH_S: Final = 10.0  # a laptop may change its network


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneAddress:
    """Address of a room for phones.

    Attributes:
        url: with the code of the room.
        obstacle: why no phone can open it, or empty.
    """

    url: str
    obstacle: str = ""


def room_url(code: str) -> str:
    """Returns the address of a room that phones in the room's network can open."""
    return phone_address(code).url


def phone_address(code: str) -> PhoneAddress:
    """Returns the address of a room for phones: the one of this page, or where that is localhost, of this machine."""
    port = st.get_option("server.port")
    return address_for(
        code,
        page_url=st.context.url or f"http://localhost:{port}",
        page=str(st.session_state.get("last_page", "")),
        bound_to=str(st.get_option("server.address") or ""),
        own=shared_cache.get("own address", own_address, fresh_s=_FRESH_S),
    )


def address_for(code: str, *, page_url: str, page: str, bound_to: str, own: str | None) -> PhoneAddress:
    """Returns the address of a room for phones.

    Args:
        code: of the room.
        page_url: of the open page in the lecturer's browser; what precedes the page in its path is kept.
        page: its last segment, empty for the start page.
        bound_to: address that the server listens on, empty for all of this machine.
        own: address of this machine in its network, None where it has none.
    """
    parts = urlsplit(page_url)
    base = parts.path.rstrip("/").removesuffix(f"/{page}" if page else "").rstrip("/")
    host, obstacle = parts.netloc, ""
    if _is_loopback(parts.hostname or ""):
        if _is_loopback(bound_to):
            obstacle = _(
                "Phones cannot open this: the server listens on {address} only. Start it without --server.address."
            ).format(address=bound_to)
        elif own is None:
            obstacle = _(
                "Phones cannot open this: this machine is in no network. Join the room's network, or open this page "
                "under the address that the machine has there."
            )
        else:
            host = own if parts.port is None else f"{own}:{parts.port}"
    url = urlunsplit((parts.scheme, host, f"{base}/{PAGE}", urlencode({"room": code}), ""))
    return PhoneAddress(url=url, obstacle=obstacle)


def own_address() -> str | None:
    """Returns the IPv4 address of this machine in its network, None where it is in none. Nothing is sent."""
    candidates = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way_out:
        way_out.connect(_SOMEWHERE)  # fails in a network that leads nowhere else
        candidates.append(str(way_out.getsockname()[0]))
    if not any(map(_is_usable, candidates)):
        with suppress(OSError):  # a machine without a name
            candidates += socket.gethostbyname_ex(socket.gethostname())[2]
    return next(filter(_is_usable, candidates), None)


def _is_usable(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_unspecified or parsed.is_link_local)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        parsed = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return parsed.is_loopback
