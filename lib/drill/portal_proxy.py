"""An HTTP proxy between the job and the portal, through which the portal can be out of reach.

What goes through a CONNECT is encrypted from end to end: the proxy sees no page and no password.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from lib.drill.listener import (
    ADDRESS,
    PIECE_BYTES,
    TIMEOUT_S,
    Listener,
    hand_on,
    listening,
)

_CONNECT_TIMEOUT_S = 30
#: Headers that are between a client and its proxy alone.
_HOP_BY_HOP = ("proxy-connection:", "connection:", "keep-alive:", "proxy-authorization:")


@dataclass
class _LastSpeaker:
    """Who of a tunnel spoke last."""

    is_of_portal: bool = True

    def portal_speaks(self) -> None:
        """Note that it is the portal now."""
        self.is_of_portal = True


class PortalProxy:
    """Hands requests on to whom they name, until the so-manieth exchange.

    A request behind whose link nothing more is asked is one exchange; in a tunnel, each time that
    the client speaks after the portal did.
    """

    def __init__(self, away_at: int, on_away: Callable[[], object]) -> None:
        self._away_at = away_at
        self._on_away = on_away
        self._exchanges = 0
        self._lock = threading.Lock()

    def serve(self, client: socket.socket, track: Callable[[socket.socket], None]) -> None:
        """Serve one link: a tunnel, or one plain request."""
        head, begun = _head(client)
        request, *headers = head.decode("latin-1").split("\r\n")
        method, target, version = request.split(" ")
        is_tunnel = method == "CONNECT"

        # Counted before anything is asked: the portal never hears of the one that strikes.
        if not is_tunnel and self._strikes():
            return

        host, port, path = _destination(method, target)

        with socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT_S) as portal:
            portal.settimeout(TIMEOUT_S)
            track(portal)

            if is_tunnel:
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                portal.sendall(_of_one_link(f"{method} {path} {version}", headers) + begun)

            self._converse(client, portal, is_tunnel=is_tunnel)

    def _converse(
        self,
        client: socket.socket,
        portal: socket.socket,
        *,
        is_tunnel: bool,
    ) -> None:
        """Hand on what both sides send until either leaves, or until the portal goes away."""
        turn = _LastSpeaker()
        back = threading.Thread(
            target=hand_on if is_tunnel else _hand_on_answer,
            args=(portal, client, turn.portal_speaks),
            daemon=True,
            name="drill: portal",
        )
        back.start()

        with suppress(OSError):
            while piece := client.recv(PIECE_BYTES):
                if is_tunnel and turn.is_of_portal and self._strikes():
                    return

                turn.is_of_portal = False
                portal.sendall(piece)

        with suppress(OSError):
            portal.shutdown(socket.SHUT_WR)

        back.join()

    def _strikes(self) -> bool:
        with self._lock:
            self._exchanges += 1
            is_it = self._exchanges == self._away_at

        if is_it:
            self._on_away()

        return is_it


def _head(link: socket.socket) -> tuple[bytes, bytes]:
    """Return the head of a request or of an answer without its end, and what came behind that."""
    got = b""

    while b"\r\n\r\n" not in got:
        piece = link.recv(PIECE_BYTES)
        if not piece or len(got) > PIECE_BYTES:
            raise ConnectionError("no head came")

        got += piece

    head, _, begun = got.partition(b"\r\n\r\n")
    return head, begun


def _destination(method: str, target: str) -> tuple[str, int, str]:
    """Return host, port and path of what is asked for."""
    if method == "CONNECT":
        host, _, port = target.rpartition(":")
        return host.strip("[]"), int(port), ""

    url = urlsplit(target)
    path = url.path or "/"

    return url.hostname or "", url.port or 80, f"{path}?{url.query}" if url.query else path


def _hand_on_answer(
    portal: socket.socket,
    client: socket.socket,
    hear: Callable[[], object],
) -> None:
    """Hand on an answer that says itself that its link ends with it.

    A client that does not know would ask again on that link, and lose what it asked.
    """
    # What becomes of a portal that leaves before it has answered, the client sees.
    with suppress(OSError):
        head, begun = _head(portal)
        status, *headers = head.decode("latin-1").split("\r\n")
        client.sendall(_of_one_link(status, headers) + begun)

    hand_on(portal, client, hear)


def _of_one_link(first_line: str, headers: list[str]) -> bytes:
    """Return the head of a request or of an answer behind which its link ends."""
    kept = [line for line in headers if not line.lower().startswith(_HOP_BY_HOP)]

    return "\r\n".join([first_line, *kept, "Connection: close", "", ""]).encode("latin-1")


@contextmanager
def portal_proxy(away_at: int, on_away: Callable[[], object]) -> Iterator[Listener]:
    """Yield a proxy that is away from the `away_at`th exchange on, until `come_back`."""
    made: list[Listener] = []

    def strike() -> None:
        on_away()
        made[0].go_away()

    with listening(PortalProxy(away_at, strike).serve) as listener:
        made.append(listener)
        yield listener


def environment(listener: Listener) -> dict[str, str]:
    """Return the variables by which HTTP libraries and Chromium find the proxy."""
    url = f"http://{ADDRESS}:{listener.port}"
    found = {"NO_PROXY": "", "no_proxy": ""}

    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        found[name] = url

    return found
