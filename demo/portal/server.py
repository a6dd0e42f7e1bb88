"""Both hosts (and, if wanted, the control port) served by uvicorn from one background thread."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from socket import socket

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from demo.background import in_background, listening_socket
from demo.portal.app import Portal
from demo.portal.control import Control
from demo.portal.faults import Host
from demo.portal.site import Site
from demo.portal.world import World

SIMPLIFY_ADDRESS = "127.0.0.1"
TMS_ADDRESS = "127.0.0.2"
GRACE_S = 3
USERNAME = "A668"
PASSWORD = "not-a-secret"


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files for the MIS host; the Simplify host stays on plain HTTP."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class RunningPortal:
    """Where to find the portal and how to pull its strings. Addresses have no slash at the end."""

    base_url: str
    tms_base: str
    username: str
    password: str
    world: World
    control: Control

    @property
    def settings(self) -> dict[str, str]:
        """The variables of CONTRACT section 3 that point a job at this portal."""
        stores = self.world.codes
        return {
            "TD_BASE_URL": self.base_url,
            "TMS_BASE": self.tms_base,
            "STORES_LIST": ",".join(stores),
            "REPORT_STORES_LIST": ",".join(stores),
            f"TD_{stores[0]}_USERNAME": self.username,
            f"TD_{stores[0]}_PASSWORD": self.password,
            f"TD_{stores[0]}_STORE_CODE": stores[0],
        }

    def storage_state(self, *, tms: bool = True) -> dict[str, list[dict[str, object]]]:
        """A saved browser state that is good now: logged in on Simplify, and on TMS too unless `tms` is false."""
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
) -> Iterator[RunningPortal]:
    """The portal for the length of the block: Simplify on 127.0.0.1, TMS on 127.0.0.2, both on `port` (0: any)."""
    world = world or World()
    control = Control(today=today, latency_s=latency_s)
    sockets = _listen(port)
    tms_base = f"{'https' if tls else 'http'}://{TMS_ADDRESS}:{sockets[Host.TMS].getsockname()[1]}"
    base_url = f"http://{SIMPLIFY_ADDRESS}:{sockets[Host.SIMPLIFY].getsockname()[1]}"
    portal = Portal(world, control, username, password, tms_base)
    sites = {host: Site(host, portal) for host in Host}

    async def serve(ready: Callable[[], None], stopping: asyncio.Event) -> None:
        for site in sites.values():
            site.stopping = stopping
        servers = [_Server(sites[host], tls if host is Host.TMS else None) for host in Host]
        tasks = [asyncio.create_task(server.serve([sockets[host]])) for host, server in zip(Host, servers, strict=True)]
        for server in servers:
            await server.running.wait()
        ready()
        await stopping.wait()
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*tasks)

    with in_background(serve, "portal"):
        yield RunningPortal(base_url, tms_base, username, password, world, control)


def storage_state(control: Control, *, tms: bool) -> dict[str, list[dict[str, object]]]:
    from demo.portal.app import SIMPLIFY_SESSION, TMS_SESSION

    cookies = [_saved_cookie(SIMPLIFY_SESSION, control.sessions.log_in(), SIMPLIFY_ADDRESS)]
    if tms:
        cookies.append(_saved_cookie(TMS_SESSION, control.sessions.open_tms(), TMS_ADDRESS))
    return {"cookies": cookies, "origins": []}


def _saved_cookie(name: str, value: str, domain: str) -> dict[str, object]:
    return {
        "name": name,
        "value": value,
        "domain": domain,
        "path": "/",
        "expires": -1,
        "httpOnly": True,
        "secure": False,
        "sameSite": "Lax",
    }


def _listen(port: int) -> dict[Host, socket]:
    simplify = listening_socket(SIMPLIFY_ADDRESS, port)
    try:
        return {Host.SIMPLIFY: simplify, Host.TMS: listening_socket(TMS_ADDRESS, port)}
    except OSError:
        simplify.close()
        raise


class _HonestProtocol(H11Protocol):
    """Shows each request the connection it came over, so that a fault can close it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    def __init__(self, app: ASGIApp, tls: Tls | None) -> None:
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
