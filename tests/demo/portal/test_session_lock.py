"""The simulator serves one session one request at a time when told to, and as slowly as the real portal."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import httpx
import pytest

from demo.portal import latency
from demo.portal.faults import Endpoint
from demo.portal.storage_state import TMS_SESSION

PATH = "/mis/partner_dashboard?store_code=A668"


@pytest.fixture
def session(portal):
    """Return the cookies of a live TMS session."""
    [value] = [
        cookie["value"]
        for cookie in portal.storage_state()["cookies"]
        if cookie["name"] == TMS_SESSION
    ]
    return {TMS_SESSION: value}


@pytest.fixture
def locked(portal):
    portal.control.set_session_lock(True)
    portal.control.set_latency(0.3)
    yield portal
    portal.control.set_session_lock(False)
    portal.control.set_latency(0)


def ask(portal, cookies, timeout_s=20.0):
    """Return when the answer was there."""
    with httpx.Client(cookies=cookies) as client:
        client.get(portal.tms_base + PATH, timeout=timeout_s)
    return time.monotonic()


def test_requests_of_one_session_are_served_one_after_another(locked, session):
    with ThreadPoolExecutor(3) as pool:
        ends = sorted(pool.map(lambda _: ask(locked, session), range(3)))

    assert all(later - earlier >= 0.25 for earlier, later in pairwise(ends))


def test_another_session_does_not_wait(locked, session):
    with ThreadPoolExecutor(4) as pool:
        queue = [pool.submit(ask, locked, session) for _ in range(3)]
        other = pool.submit(ask, locked, {TMS_SESSION: "another"})

        assert other.result() < max(each.result() for each in queue)


def test_work_goes_on_for_a_client_that_has_left(locked, session):
    started = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        ask(locked, session, timeout_s=0.05)

    assert ask(locked, session) - started >= 0.55


@pytest.mark.parametrize(
    ("endpoint", "least", "middle", "most"),
    [
        (Endpoint.DASHBOARD, 11.0, (14, 19), 122.0),
        (Endpoint.MISSED_LEADS, 1.1, (1.3, 1.6), 17.0),
    ],
)
def test_times_are_those_of_the_real_portal(endpoint, least, middle, most):
    times = sorted(latency.seconds(endpoint, f"A{number}") for number in range(999))

    assert least <= times[0]
    assert times[-1] <= most
    assert middle[0] < times[499] < middle[1]


def test_the_same_question_takes_the_same_time():
    assert latency.seconds(Endpoint.DASHBOARD, "A668") == latency.seconds(
        Endpoint.DASHBOARD, "A668"
    )
    assert latency.seconds(Endpoint.HOME, None) == 0
