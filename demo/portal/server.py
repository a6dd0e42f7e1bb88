"""Both hosts and the control port, served by uvicorn from one background thread."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from socket import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from demo.background import in_background, listening_socket
from demo.portal.app import Portal
from demo.portal.control import Control
from demo.portal.faults import Host
from demo.portal.site import Site
from demo.portal.steering import PATH, steering_app
from demo.portal.storage_state import SIMPLIFY_ADDRESS, TMS_ADDRESS, storage_state
from demo.portal.world import World

CONTROL = "control"
GRACE_S = 3
USERNAME = "A668"
PASSWORD = "not-a-secret"


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files for the MIS host; the Simplify host stays on plain HTTP."""

    certificate: Path
    key: Path


def job_settings(
    base_url: str,
    tms_base: str,
    username: str,
    password: str,
    stores: Sequence[str],
) -> dict[str, str]:
    """Return the variables of docs/reference/contract.md#settings that point a job at a portal."""
    return {
        "TD_BASE_URL": base_url,
        "TMS_BASE": tms_base,
        "STORES_LIST": ",".join(stores),
        "REPORT_STORES_LIST": ",".join(stores),
        f"TD_{stores[0]}_USERNAME": username,
        f"TD_{stores[0]}_PASSWORD": password,
        f"TD_{stores[0]}_STORE_CODE": stores[0],
    }


@dataclass(frozen=True, slots=True)
class RunningPortal:
    """Where to find the portal and how to pull its strings. Addresses have no slash at the end."""

    base_url: str
    tms_base: str
    username: str
    password: str
    world: World
    control: Control
    control_url: str

    @property
    def settings(self) -> dict[str, str]:
        """The settings that point a job at this portal."""
        return job_settings(
            self.base_url,
            self.tms_base,
            self.username,
            self.password,
            self.world.codes,
        )

    def storage_state(self, *, tms: bool = True) -> dict[str, Any]:
        """A saved browser state that is good now.

        Logged in on Simplify, and on TMS too unless `tms` is false.
        """
        return storage_state(self.control, tms=tms)


@contextmanager
def run_portal(
    world: World | None = None,
    *,
    today: date | None = None,
    latency_s: float = 0,
    username: str = USERNAME,
    password: str = PASSWORD,
    port: int = 0,
    tls: Tls | None = None,
    is_warm: bool = False,
) -> Iterator[RunningPortal]:
    """The portal for the length of the block.

    Simplify is on 127.0.0.1, TMS on 127.0.0.2, both on `port` (0: any).

    `today` None: the real date in India. `is_warm`: today's pages are worked out before the block
    begins.
    """
    world = world or World()
    control = Control(today=today, latency_s=latency_s)
    sockets = _listen(port)
    urls = {}

    for name, sock in sockets.items():
        urls[name] = f"http://{sock.getsockname()[0]}:{sock.getsockname()[1]}"

    if tls:
        urls[Host.TMS] = urls[Host.TMS].replace("http:", "https:")

    portal = Portal(world, control, username, password, urls[Host.TMS])

    if is_warm:
        portal.warm_up()

    async def serve(ready: Callable[[], None], stopping: asyncio.Event) -> None:
        servers = {
            CONTROL: _Server(steering_app(control)),
            Host.SIMPLIFY: _Server(Site(Host.SIMPLIFY, portal, stopping)),
            Host.TMS: _Server(Site(Host.TMS, portal, stopping), tls),
        }

        await _serve_until(
            stopping,
            {servers[name]: sockets[name] for name in servers},
            ready,
        )

    running = RunningPortal(
        base_url=urls[Host.SIMPLIFY],
        tms_base=urls[Host.TMS],
        username=username,
        password=password,
        world=world,
        control=control,
        control_url=urls[CONTROL] + PATH,
    )

    try:
        with in_background(serve, "portal"):
            yield running
    finally:
        for listener in sockets.values():
            listener.close()


async def _serve_until(
    stopping: asyncio.Event,
    sockets: dict["_Server", socket],
    ready: Callable[[], None],
) -> None:
    async with asyncio.TaskGroup() as group:
        for server, listener in sockets.items():
            group.create_task(server.serve([listener]))

        for server in sockets:
            await server.running.wait()

        ready()
        await stopping.wait()

        for server in sockets:
            server.should_exit = True


def _listen(port: int) -> dict[str, socket]:
    """Listening sockets of both hosts, and of the control at any free port."""
    addresses = {
        Host.SIMPLIFY: (SIMPLIFY_ADDRESS, port),
        Host.TMS: (TMS_ADDRESS, port),
        CONTROL: (SIMPLIFY_ADDRESS, 0),
    }

    sockets: dict[str, socket] = {}

    try:
        for name, address in addresses.items():
            sockets[name] = listening_socket(*address)
    except OSError:
        for opened in sockets.values():
            opened.close()

        raise

    return sockets


class _HonestProtocol(H11Protocol):
    """Shows each request the connection it came over, so that a fault can close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    def __init__(
        self,
        app: ASGIApp,
        tls: Tls | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_HonestProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_S,
                ssl_certfile=tls.certificate if tls else None,
                ssl_keyfile=tls.key if tls else None,
            )
        )

        self.running = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.running.set()
