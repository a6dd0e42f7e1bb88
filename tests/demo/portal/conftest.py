from collections.abc import Callable, Iterator
from datetime import date

import httpx
import pytest

from demo.portal import RunningPortal, World, run_portal

TODAY = date(2025, 12, 10)


@pytest.fixture(scope="package")
def shared_portal() -> Iterator[RunningPortal]:
    with run_portal(World(anomaly_rate=0), today=TODAY) as portal:
        yield portal


@pytest.fixture
def portal(shared_portal: RunningPortal) -> RunningPortal:
    """A portal without faults, sessions or history; it is the same one for all tests here."""
    control = shared_portal.control
    control.clear()
    control.expire_simplify()
    control.expire_tms()
    control.set_today(TODAY)
    control.set_latency(0)
    control.reset_counters()
    return shared_portal


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    """Keeps cookies as a browser does, and shows each redirect."""
    with httpx.Client(timeout=300) as client:
        yield client


@pytest.fixture
def inside(portal: RunningPortal, browser: httpx.Client) -> httpx.Client:
    """Logged in on both hosts."""
    for cookie in portal.storage_state()["cookies"]:
        browser.cookies.set(cookie["name"], cookie["value"], cookie["domain"])
    portal.control.reset_counters()
    return browser


@pytest.fixture
def log_in(portal: RunningPortal, browser: httpx.Client) -> Callable[..., httpx.Response]:
    """Submits the login form, with the right password unless another one is given."""

    def submit(password: str = portal.password) -> httpx.Response:
        return browser.post(
            f"{portal.base_url}/home/log", data={"user_name": portal.username, "password": password}
        )

    return submit
