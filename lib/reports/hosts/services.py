"""The two services of worker hosts: what draws on one, and what gives pages to all of them."""

from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

from lib import log, stop
from lib.config import DrawSettings, Settings
from lib.errors import Interrupted, TemporaryError
from lib.plural import counted
from lib.reports.hosts import engine, pages, release
from lib.reports.hosts.engine import SCHEDULER_PORT, WORKER_PORT, PlainScheduler, PlainWorker
from lib.reports.render import cpu_count, engines

#: Until a host that finds no scheduler ends; its unit starts it again.
SCHEDULER_TIMEOUT_S = 30
#: Of the farewell: what is told to stop has few seconds.
CLOSE_TIMEOUT_S = 2


def schedule(settings: DrawSettings, listen: str) -> None:
    """Give pages to the hosts that offer to draw, until a stop by signal.

    Raise ConfigurationError for certificates that are none, TemporaryError for a port in use.
    """
    security = engine.security(settings)

    with suppress(Interrupted), _scratch() as scratch:

        async def serve(asked: _Stop) -> None:
            node = PlainScheduler(
                host=listen,
                port=SCHEDULER_PORT,
                protocol="tls",
                security=security,
                dashboard=False,
                local_directory=scratch,
            )
            await _serve(
                node,
                asked,
                SCHEDULER_PORT,
                f"hosts get their pages at port {SCHEDULER_PORT}",
            )

        _run(serve)


def draw(settings: Settings, address: str, listen: str) -> None:
    """Draw pages for other hosts, until a stop by signal; the scheduler finds them at `address`.

    Raise ConfigurationError for certificates that are none, TemporaryError for a port in use, and
    for a scheduler that is away or goes away.
    """
    security = engine.security(settings.draw)
    processes = settings.draw.processes or cpu_count.available()
    own = release.of_this_host(settings.pdf)

    with suppress(Interrupted), ExitStack() as resources:
        scratch = resources.enter_context(_scratch())
        pool = resources.enter_context(pages.offered(engines.chosen(settings), processes))
        threads = resources.enter_context(ThreadPoolExecutor(processes, thread_name_prefix="page"))
        # Before the threads are waited for: a page that is drawn now is drawn elsewhere.
        resources.callback(pool.cancel)

        async def serve(asked: _Stop) -> None:
            node = PlainWorker(
                settings.draw.scheduler,
                host=listen,
                port=WORKER_PORT,
                protocol="tls",
                contact_address=f"tls://{_in_address(address)}:{WORKER_PORT}",
                security=security,
                nthreads=processes,
                executor=threads,
                resources={release.resource(own): processes},
                memory_limit=0,
                local_directory=scratch,
                death_timeout=SCHEDULER_TIMEOUT_S,
            )
            await _serve(
                node,
                asked,
                WORKER_PORT,
                f"ready to draw: {counted(processes, 'process', 'processes')}, release {own}",
            )

        _run(serve)


def _scratch() -> tempfile.TemporaryDirectory[str]:
    """Return a directory for what Dask makes: it would leave its own behind."""
    return tempfile.TemporaryDirectory(prefix="report-host-")


def _run(serve: Callable[[_Stop], Coroutine[Any, Any, None]]) -> None:
    """Serve until a stop by signal, then raise Interrupted: a service ends well by it."""
    asked = _Stop()

    with stop.deferred_signals(asked.ask):
        asyncio.run(serve(asked))


async def _serve(
    # Dask does not say the types of its methods.
    node: Any,
    asked: _Stop,
    port: int,
    ready: str,
) -> None:
    """Start the node; close it when a stop is asked for. Raise TemporaryError if it ends itself."""
    stopped = asked.listen()
    started = asyncio.ensure_future(node.start())
    await asyncio.wait((started, stopped), return_when=asyncio.FIRST_COMPLETED)

    if not started.done():
        started.cancel()
        return

    try:
        await started
    except (OSError, RuntimeError, TimeoutError) as error:
        raise _not_started(error, port) from error

    log.info(ready)

    ended = asyncio.ensure_future(node.finished())
    await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)

    if not stopped.done():
        raise TemporaryError("the scheduler is lost; this host draws again once it finds it")

    await _close(node)
    log.info("stopped, as it was told to")


async def _close(node: PlainScheduler | PlainWorker) -> None:
    """Leave; what is being drawn is not waited for."""
    if isinstance(node, PlainWorker):
        await node.close(timeout=CLOSE_TIMEOUT_S, executor_wait=False)
    else:
        await node.close()


def _not_started(error: Exception, port: int) -> TemporaryError:
    """Return what keeps a node from starting: Dask wraps the error that says it."""
    cause: BaseException | None = error

    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in {errno.EADDRINUSE, errno.EADDRNOTAVAIL}:
            return TemporaryError(
                f"port {port} cannot be listened at ({os.strerror(cause.errno)});"
                " look at what else uses it, and at --listen"
            )

        cause = cause.__cause__ or cause.__context__

    return TemporaryError(
        f"no scheduler answers within {SCHEDULER_TIMEOUT_S} s, or it refuses this host's"
        " certificate; look at DRAW_SCHEDULER and at jobs.draw_scheduler there"
    )


def _in_address(host: str) -> str:
    """Return the host as an address has it: in brackets if it is one of IPv6."""
    return f"[{host}]" if ":" in host else host


class _Stop:
    """A stop by signal, brought into the event loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked = asyncio.Event()

    def listen(self) -> asyncio.Future[Any]:
        """Return what is done once a stop is asked for, be it before there was a loop."""
        self._loop = asyncio.get_running_loop()

        if stop.is_requested():
            self._asked.set()

        return asyncio.ensure_future(self._asked.wait())

    def ask(self) -> None:
        """Ask, in a signal handler."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._asked.set)
