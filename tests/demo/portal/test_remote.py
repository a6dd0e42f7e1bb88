from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from demo.portal import Endpoint, Fault, Kind, RunningPortal, World
from demo.portal.remote import RemoteControl, RemotePortal, spawn_portal

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def remote() -> Iterator[RemotePortal]:
    with spawn_portal(World(stores=2), today=date(2025, 12, 10), is_warm=True) as portal:
        yield portal


def test_a_portal_in_another_process_serves_and_ends_with_the_block() -> None:
    with spawn_portal(World(stores=1)) as portal:
        assert httpx.get(f"{portal.base_url}/home/login").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{portal.base_url}/home/login")


def test_every_string_can_be_pulled_from_outside(remote: RemotePortal) -> None:
    fault = Fault(Kind.STATUS, Endpoint.LOGIN, times=3, status=500)
    remote.control.reset_counters()
    state = remote.control.add(fault)

    assert [Fault.from_json(value) for value in state["faults"]] == [fault]
    assert httpx.get(f"{remote.base_url}/home/login").status_code == 500
    assert remote.control.clear()["faults"] == []
    assert remote.control.set_latency(0.01)["latency_s"] == 0.01
    assert remote.control.set_today(date(2026, 1, 1))["today"] == "2026-01-01"
    assert remote.control.state()["requests"] == {"login": 1}
    assert remote.control.reset_counters()["high_water"] == {"simplify": 0, "tms": 0}


def test_sessions_can_be_made_and_ended_from_outside(remote: RemotePortal) -> None:
    with httpx.Client() as client:
        for cookie in remote.control.storage_state()["cookies"]:
            client.cookies.set(cookie["name"], cookie["value"], cookie["domain"])
        remote.control.expire_tms_after(1)
        pages = [client.get(f"{remote.tms_base}/client/tickets").text for _ in range(2)]
        remote.control.expire_tms()
        remote.control.expire_simplify()
        home = client.get(f"{remote.base_url}/home")

    assert ["need to be logged in" in page for page in pages] == [False, True]
    assert home.headers["location"] == "/home/login"


@pytest.mark.parametrize(
    "order",
    [
        {"command": "explode"},
        {"command": "set_latency"},
        {"command": "add", "faults": [{"kind": "unheard of"}]},
        {},
    ],
)
def test_a_wrong_command_is_refused_with_a_reason(
    order: dict[str, object], portal: RunningPortal
) -> None:
    answer = httpx.post(portal.control_url, json=order)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_refused_command_is_an_error_here(portal: RunningPortal) -> None:
    with pytest.raises(ValueError, match="unknown command or missing argument"):
        RemoteControl(portal.control_url)._run("set_today")


def test_the_control_is_not_reachable_on_the_portals_hosts(portal: RunningPortal) -> None:
    assert [
        httpx.get(f"{base}/_control").status_code for base in (portal.base_url, portal.tms_base)
    ] == [404, 404]
