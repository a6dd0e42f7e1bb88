"""A server in a thread with its own event loop, for as long as a `with` block."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

# For a busy machine: a free one takes some hundredths of a second.
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 120
Serve = Callable[[Callable[[], None], asyncio.Event], Awaitable[None]]


@contextmanager
def in_background(serve: Serve, name: str) -> Iterator[None]:
    """Run `serve(ready, stopping)`: the block begins after `ready()`, its end sets `stopping`.

    Whatever `serve` raises is raised here. After the block the thread and its loop are gone.
    """
    worker = _Worker(serve, name)
    worker.start()

    try:
        worker.wait_until_ready()
        yield
    finally:
        worker.stop()

    worker.raise_failure()


def listening_socket(host: str, port: int = 0) -> socket.socket:
    """A bound and listening TCP socket; port 0 takes any free one.

    Connections queue before a server accepts them.
    """
    # With the protocol named, asyncio switches Nagle's algorithm off; without, small answers wait
    # 40 ms for nothing.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)

    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise

    return listener


class _Worker:
    def __init__(self, serve: Serve, name: str) -> None:
        self._serve = serve
        self._ready = Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait_until_ready(self) -> None:
        if not self._ready.wait(START_TIMEOUT_S):
            raise TimeoutError(f"{self._thread.name} did not start within {START_TIMEOUT_S} s")

        self.raise_failure()

    def stop(self) -> None:
        if self._loop and self._stopping:
            with suppress(RuntimeError):  # the loop is closed: `serve` has ended by itself
                self._loop.call_soon_threadsafe(self._stopping.set)

        self._thread.join(STOP_TIMEOUT_S)
        if self._thread.is_alive():
            raise TimeoutError(f"{self._thread.name} did not stop within {STOP_TIMEOUT_S} s")

    def raise_failure(self) -> None:
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
            self._failure = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        await self._serve(self._ready.set, self._stopping)
