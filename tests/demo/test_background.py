import asyncio
import threading
from collections.abc import Callable

import pytest

from demo.background import in_background, listening_socket

pytestmark = pytest.mark.integration


def test_a_server_lives_for_exactly_the_block() -> None:
    happened: list[str] = []

    async def serve(ready: Callable[[], None], stopping: asyncio.Event) -> None:
        happened.append("started")
        ready()
        await stopping.wait()
        happened.append("stopped")

    before = threading.active_count()
    with in_background(serve, "test"):
        happened.append("block")
    assert happened == ["started", "block", "stopped"]
    assert threading.active_count() == before


def test_a_server_that_cannot_start_fails_the_block() -> None:
    async def serve(_ready: Callable[[], None], _stopping: asyncio.Event) -> None:
        raise OSError("no such luck")

    with pytest.raises(OSError, match="no such luck"), in_background(serve, "test"):
        pytest.fail("the block must not begin")


def test_a_server_that_fails_later_fails_the_end_of_the_block() -> None:
    async def serve(ready: Callable[[], None], stopping: asyncio.Event) -> None:
        ready()
        await stopping.wait()
        raise OSError("could not stop")

    with pytest.raises(OSError, match="could not stop"), in_background(serve, "test"):
        pass


def test_an_error_of_the_block_is_not_hidden() -> None:
    async def serve(ready: Callable[[], None], stopping: asyncio.Event) -> None:
        ready()
        await stopping.wait()

    with pytest.raises(ZeroDivisionError), in_background(serve, "test"):
        _ = 1 / 0


def test_a_taken_port_leaves_no_socket_open() -> None:
    with listening_socket("127.0.0.1") as first, pytest.raises(OSError, match="in use"):
        listening_socket("127.0.0.1", first.getsockname()[1])
