"""The address that phones open, from what this machine knows of itself."""

import socket
from typing import Any

import pytest

from resnet_viz.ui.scene import address
from resnet_viz.ui.scene.address import address_for, own_address

LAN = "192.168.178.20"


def of(page_url: str, *, page: str = "scene", bound_to: str = "", own: str | None = LAN) -> tuple[str, str]:
    found = address_for("7K2M", page_url=page_url, page=page, bound_to=bound_to, own=own)
    return found.url, found.obstacle


@pytest.mark.parametrize(
    ("page_url", "url"),
    [
        ("http://192.168.1.5:8501/scene", "http://192.168.1.5:8501/vote?room=7K2M"),
        ("https://resnet.example.org/scene", "https://resnet.example.org/vote?room=7K2M"),
        ("https://example.org/lab/resnet/scene", "https://example.org/lab/resnet/vote?room=7K2M"),
        ("https://example.org/scene/scene/", "https://example.org/scene/vote?room=7K2M"),
        ("http://[fd00::2]:8501/scene", "http://[fd00::2]:8501/vote?room=7K2M"),
        ("http://localhost.example.org/scene", "http://localhost.example.org/vote?room=7K2M"),
    ],
)
def test_an_address_that_others_can_open_stays(page_url: str, url: str) -> None:
    assert of(page_url) == (url, "")
    assert of(page_url, own=None) == (url, "")


@pytest.mark.parametrize(
    ("page_url", "url"),
    [
        ("http://localhost:8501/scene", f"http://{LAN}:8501/vote?room=7K2M"),
        ("http://127.0.0.1:8600/base/scene", f"http://{LAN}:8600/base/vote?room=7K2M"),
        ("http://[::1]:8501/scene", f"http://{LAN}:8501/vote?room=7K2M"),
        ("http://app.localhost/scene", f"http://{LAN}/vote?room=7K2M"),
    ],
)
def test_localhost_becomes_this_machine(page_url: str, url: str) -> None:
    assert of(page_url) == (url, "")
    assert of(page_url, bound_to="0.0.0.0") == (url, "")


def test_the_start_page_has_no_segment_of_its_own() -> None:
    assert of("http://localhost:8501/", page="") == (f"http://{LAN}:8501/vote?room=7K2M", "")
    assert of("https://example.org/base", page="")[0] == "https://example.org/base/vote?room=7K2M"


@pytest.mark.parametrize("bound_to", ["localhost", "127.0.0.1", "::1"])
def test_a_server_of_this_machine_alone_names_what_is_in_the_way(bound_to: str) -> None:
    url, obstacle = of("http://localhost:8501/scene", bound_to=bound_to)
    assert url == "http://localhost:8501/vote?room=7K2M"
    assert f"listens on {bound_to} only" in obstacle


def test_a_machine_without_a_network_is_named() -> None:
    url, obstacle = of("http://localhost:8501/scene", own=None)
    assert url == "http://localhost:8501/vote?room=7K2M"
    assert "in no network" in obstacle


def test_own_address_is_asked_of_the_kernel_and_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = []

    class Socket:
        def __init__(self, family: int, kind: int) -> None:
            kinds.append((family, kind))

        def __enter__(self) -> "Socket":
            return self

        def __exit__(self, *_error: object) -> None:
            """Closes nothing."""

        def connect(self, _to: tuple[str, int]) -> None:
            """Picks a way out, as a datagram socket does."""

        def getsockname(self) -> tuple[str, int]:
            return LAN, 1

    monkeypatch.setattr(socket, "socket", Socket)
    assert own_address() == LAN
    assert kinds == [(socket.AF_INET, socket.SOCK_DGRAM)]


@pytest.mark.parametrize(
    ("names", "found"), [(["127.0.1.1", LAN], LAN), (["127.0.1.1"], None), (["169.254.3.4"], None)]
)
def test_without_a_way_out_the_name_of_the_machine_is_asked(
    monkeypatch: pytest.MonkeyPatch, names: list[str], found: str | None
) -> None:
    def fail(*_arguments: Any) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket, "socket", fail)
    monkeypatch.setattr(socket, "gethostbyname_ex", lambda _name: ("me", [], names))
    assert address.own_address() == found
