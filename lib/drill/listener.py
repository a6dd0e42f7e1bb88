"""A TCP server on loopback in a thread of its own, whose links can be cut and refused."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

ADDRESS = "127.0.0.1"
#: Of whatever a server here waits for: no peer of a drill is slower.
TIMEOUT_S = 600.0
#: That a proxy hands on at once.
PIECE_BYTES = 64 * 1024

#: Serves one client to its end; `track` is told each further socket that it opens.
Serve = Callable[[socket.socket, Callable[[socket.socket], None]], None]


class Listener:
    """Serves each client in a thread of its own.

    While it is away, whoever connects is refused by the operating system, as by a host that is
    down.
    """

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

        self._listening = _listening(0)
        self.port: int = self._listening.getsockname()[1]
        self._is_away = False
        self._accept(self._listening)

    def refuse(self) -> None:
        """Refuse each new link, until `come_back`; those that stand go on."""
        with self._lock:
            self._is_away = True

        # Wakes the thread that waits for the next client, too.
        _cut(self._listening)

    def go_away(self) -> None:
        """Cut every link and refuse each new one, until `come_back`."""
        self.refuse()

        with self._lock:
            links, self._open = self._open, set()

        for link in links:
            _cut(link)

    def come_back(self) -> None:
        """Take clients again, at the same port; do nothing if it is not away."""
        with self._lock:
            if not self._is_away:
                return

            self._is_away = False
            self._listening = _listening(self.port)

        self._accept(self._listening)

    def track(self, link: socket.socket) -> None:
        """Have the link cut with the others; at once if it is away."""
        with self._lock:
            if not self._is_away:
                self._open.add(link)
                return

        _cut(link)

    def _accept(self, listening: socket.socket) -> None:
        threading.Thread(
            target=self._take_clients,
            args=(listening,),
            daemon=True,
            name="drill: clients",
        ).start()

    def _take_clients(self, listening: socket.socket) -> None:
        # An error of `accept` is the end of the listening socket: `go_away`.
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                client.settimeout(TIMEOUT_S)
                self.track(client)
                threading.Thread(
                    target=self._serve_one,
                    args=(client,),
                    daemon=True,
                    name="drill: client",
                ).start()

    def _serve_one(self, client: socket.socket) -> None:
        # A link that breaks is what a drill is about; the job says what it met.
        with suppress(OSError):
            self._serve(client, self.track)

        _cut(client)
        with self._lock:
            self._open.discard(client)


@contextmanager
def listening(serve: Serve) -> Iterator[Listener]:
    """Yield a listener; afterwards nobody listens and every link is cut."""
    listener = Listener(serve)

    try:
        yield listener
    finally:
        listener.go_away()


def hand_on(
    source: socket.socket,
    target: socket.socket,
    hear: Callable[[], object] = lambda: None,
) -> None:
    """Send on what comes until either side leaves, then end that direction.

    `hear` is called before each piece goes on.
    """
    with suppress(OSError):
        while piece := source.recv(PIECE_BYTES):
            hear()
            target.sendall(piece)

    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _listening(port: int) -> socket.socket:
    listening = socket.socket()
    # Links that were cut would keep the port for a minute.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((ADDRESS, port))
    listening.listen()

    return listening


def _cut(link: socket.socket) -> None:
    # One that its other end has cut already cannot be shut down.
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)

    link.close()
