"""A proxy before the database, through which the server can refuse connections as if it were down.

It hands bytes on as they are, so a job speaks TLS and its password with the server itself.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import URL, make_url

from lib.drill.listener import ADDRESS, TIMEOUT_S, Listener, hand_on, listening
from lib.errors import ConfigurationError

_CONNECT_TIMEOUT_S = 10
_DEFAULT_PORT = 5432
#: Where Debian's server listens, for a URL without a host.
_SOCKETS = "/var/run/postgresql"


@contextmanager
def database_proxy(database_url: str) -> Iterator[tuple[Listener, str]]:
    """Yield a proxy before the server of the URL, and the URL that leads through it.

    Raise ConfigurationError for a URL of several hosts.
    """
    url = make_url(database_url)
    connect = _way_to(url)

    with listening(partial(_serve, connect)) as listener:
        yield listener, _through(url, listener.port)


def _way_to(url: URL) -> Callable[[], socket.socket]:
    """Return what connects to the server: by TCP, or by a socket in the file system."""
    port = url.port or _DEFAULT_PORT
    host = url.query.get("hostaddr") or url.host or url.query.get("host") or _SOCKETS

    if not isinstance(host, str) or "," in host:
        raise ConfigurationError(
            "DATABASE_URL names several hosts; a drill needs the one that it breaks"
        )

    if host.startswith("/"):
        return partial(_connect_local, Path(host) / f".s.PGSQL.{port}")

    return partial(socket.create_connection, (host, port), timeout=_CONNECT_TIMEOUT_S)


def _through(url: URL, port: int) -> str:
    """Return the URL through the proxy; the host's own name stays, which its certificate has."""
    is_by_name = bool(url.host) and not str(url.host).startswith("/")

    if is_by_name:
        changed = url.set(port=port).update_query_dict({"hostaddr": ADDRESS})
    else:
        changed = url.difference_update_query(["host"]).set(host=ADDRESS, port=port)

    return changed.render_as_string(hide_password=False)


def _connect_local(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX)

    try:
        server.connect(str(path))
    except OSError:
        server.close()
        raise

    return server


def _serve(
    connect: Callable[[], socket.socket],
    client: socket.socket,
    track: Callable[[socket.socket], None],
) -> None:
    """Hand on what both sides send, until either leaves."""
    with connect() as server:
        server.settimeout(TIMEOUT_S)
        track(server)

        back = threading.Thread(
            target=hand_on,
            args=(server, client),
            daemon=True,
            name="drill: database",
        )
        back.start()
        hand_on(client, server)
        back.join()
