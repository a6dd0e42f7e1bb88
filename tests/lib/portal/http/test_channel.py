"""Which request may go out, and when."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from lib.portal.http.channel import Channel, ChannelPool
from lib.portal.session.storage_state import SessionState

IN_FLIGHT = 3


@pytest.fixture
def pool():
    channel = Channel(
        SessionState(()), "portal.example.invalid", IN_FLIGHT, httpx.create_ssl_context()
    )
    pool = ChannelPool(IN_FLIGHT)
    pool.add(channel)
    yield pool
    channel.http.close()


def test_one_request_is_sent_alone_and_the_next_ones_together(pool):
    with ThreadPoolExecutor(IN_FLIGHT) as threads, ExitStack() as first:
        first.enter_context(pool.turn())
        pool.send_next_alone()

        def take_turn():
            with pool.turn() as (_, turn):
                return turn.ahead

        waiting = [threads.submit(take_turn) for _ in range(IN_FLIGHT)]
        assert not [future for future in waiting if future.done()]

        first.close()
        assert 0 in [future.result(timeout=300) for future in waiting]

    with ExitStack() as several:
        ahead = [several.enter_context(pool.turn())[1].ahead for _ in range(IN_FLIGHT)]

    assert ahead == [0, 1, 2]
