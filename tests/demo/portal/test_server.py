"""The portal over the wire when all is well; test_states.py has the rest."""

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx
import pytest
import trustme

from demo.portal import Endpoint, Fault, Host, Kind, RunningPortal, World, run_portal
from demo.portal.server import Tls

pytestmark = pytest.mark.integration

LogIn = Callable[..., httpx.Response]
MARKER = "You need to be logged in to view this page!"
DASHBOARD = "/mis/partner_dashboard?store_code={}"
LEADS = "/mis/download_csv?store_code={}"
TMS_PATHS = [
    "/client/tickets",
    DASHBOARD.format("A668"),
    LEADS.format("A668"),
    "/mis/download_undelivered_csv?type=u10&store_code=A668",
    "/mis/download_undelivered_csv?type=u&store_code=A668",
    "/mis/download_undelivered_csv?type=a&store_code=A668",
    "/mis/download_repeat_csv?store_code=A668",
    "/mis/download_nonpackageorder_csv?type=all&store_code=A668",
    "/mis/download_nonpackageorder_csv?type=u&store_code=A668",
]


def test_the_whole_way_from_stranger_to_dashboard(
    portal: RunningPortal, browser: httpx.Client, log_in: LogIn
) -> None:
    stranger = browser.get(f"{portal.base_url}/home")

    assert (stranger.status_code, stranger.headers["location"]) == (302, "/home/login")
    form = browser.get(f"{portal.base_url}/home/login").text
    assert all(
        part in form
        for part in (
            'name="user_name"',
            'name="password"',
            '<button type="submit"',
            'action="/home/log"',
        )
    )
    accepted = log_in()
    assert (accepted.status_code, accepted.headers["location"]) == (302, "/home")
    home = browser.get(f"{portal.base_url}/home")
    assert home.status_code == 200
    assert "Daily Operations Tracker" in home.text
    assert MARKER in browser.get(f"{portal.tms_base}/client/tickets").text
    hop = browser.get(browser.get(f"{portal.base_url}/home/mis").headers["location"])
    assert (hop.status_code, hop.headers["location"]) == (302, "/client/tickets")
    assert MARKER not in browser.get(f"{portal.tms_base}/client/tickets").text
    dashboard = browser.get(portal.tms_base + DASHBOARD.format("A668"))
    assert (
        '<h1 class="dashboard-title">Partner Dashboard<br>RIVERSIDE COLONY<br><small>09 Dec 2025</small>'
        in dashboard.text
    )
    assert [seen.endpoint for seen in portal.control.history()] == [
        *("home", "login", "submit", "home", "tickets", "tracker", "hop", "tickets", "dashboard"),
    ]  # fmt: skip


def test_a_wrong_password_ends_on_a_page_without_form_or_message(
    portal: RunningPortal, browser: httpx.Client, log_in: LogIn
) -> None:
    rejected = log_in(password="wrong")

    assert (rejected.status_code, rejected.url.path) == (200, "/home/log")
    assert "<form" not in rejected.text
    assert browser.get(f"{portal.base_url}/home").headers["location"] == "/home/login"


@pytest.mark.parametrize("path", TMS_PATHS)
def test_strangers_get_the_logged_out_page_with_status_200_and_no_redirect(
    path: str, portal: RunningPortal, browser: httpx.Client
) -> None:
    answer = browser.get(portal.tms_base + path)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=UTF-8")
    assert MARKER in answer.text
    assert answer.cookies["ci_session"]


@pytest.mark.parametrize("path", TMS_PATHS[2:])
def test_downloads_come_chunked_with_the_headers_of_the_portal(
    path: str, portal: RunningPortal, inside: httpx.Client
) -> None:
    headers = inside.get(portal.tms_base + path).headers

    assert headers["content-type"] == "text/csv;charset=UTF-8"
    assert headers["transfer-encoding"] == "chunked"
    assert headers["cache-control"] == "no-store, no-cache, must-revalidate"
    assert headers["content-disposition"].startswith('attachment; filename="')
    assert "csrf_cookie_name=" in headers["set-cookie"]
    assert "Max-Age=7200" in headers["set-cookie"]


def test_cookies_are_host_only_and_named_as_on_the_portal(
    portal: RunningPortal, browser: httpx.Client, log_in: LogIn
) -> None:
    log_in()
    hop = browser.get(browser.get(f"{portal.base_url}/home/mis").headers["location"])

    assert list(hop.cookies) == ["ci_session", "csrf_cookie_name", "supportun", "supporttkn"]
    assert not any("domain" in header.lower() for header in hop.headers.get_list("set-cookie"))


def test_a_session_of_simplify_does_not_open_tms(
    portal: RunningPortal, browser: httpx.Client
) -> None:
    session = portal.storage_state(tms=False)["cookies"][0]["value"]
    answer = browser.get(
        f"{portal.tms_base}/client/tickets", headers={"cookie": f"ci_session={session}"}
    )

    assert MARKER in answer.text


def test_a_hop_token_is_good_once(
    portal: RunningPortal, browser: httpx.Client, log_in: LogIn
) -> None:
    log_in()
    location = browser.get(f"{portal.base_url}/home/mis").headers["location"]

    assert browser.get(location).status_code == 302
    assert MARKER in httpx.get(location).text


def test_the_tracker_without_a_session_leads_to_the_login(
    portal: RunningPortal, browser: httpx.Client
) -> None:
    assert browser.get(f"{portal.base_url}/home/mis").headers["location"] == "/home/login"


@pytest.mark.parametrize("code", ["a668", "NOPE"], ids=["other case", "unknown"])
def test_a_code_that_is_not_known_as_given_shows_some_other_store(
    code: str, portal: RunningPortal, inside: httpx.Client
) -> None:
    assert "RIVERSIDE COLONY" in inside.get(portal.tms_base + DASHBOARD.format(code)).text


def test_the_page_follows_the_clock(portal: RunningPortal, inside: httpx.Client) -> None:
    portal.control.set_today(date(2026, 1, 1))
    assert (
        "<small>31 Dec 2025</small>" in inside.get(portal.tms_base + DASHBOARD.format("A668")).text
    )


def test_month_starts_have_no_non_package_orders(
    portal: RunningPortal, inside: httpx.Client
) -> None:
    portal.control.set_today(date(2026, 1, 2))
    assert inside.get(portal.tms_base + TMS_PATHS[7]).text == "No data available to export."


def test_other_paths_do_not_exist(portal: RunningPortal, browser: httpx.Client) -> None:
    assert browser.get(f"{portal.tms_base}/home").status_code == 404


@pytest.mark.parametrize(("tms", "is_inside"), [(True, True), (False, False)])
def test_a_saved_state_can_be_good_for_both_hosts_or_for_simplify_only(
    tms: bool, is_inside: bool, portal: RunningPortal, browser: httpx.Client
) -> None:
    for cookie in portal.storage_state(tms=tms)["cookies"]:
        browser.cookies.set(cookie["name"], cookie["value"], cookie["domain"])

    assert browser.get(f"{portal.base_url}/home").status_code == 200
    assert (MARKER not in browser.get(f"{portal.tms_base}/client/tickets").text) is is_inside


def test_requests_in_flight_are_counted_until_their_bodies_are_out(
    portal: RunningPortal, inside: httpx.Client
) -> None:
    portal.control.add(Fault(Kind.SLOW_BODY, seconds=3_600))
    url = portal.tms_base + LEADS.format("A668")
    with inside.stream("GET", url), inside.stream("GET", url), inside.stream("GET", url):
        assert portal.control.high_water(Host.TMS) == 3

    assert portal.control.high_water(Host.SIMPLIFY) == 0
    assert portal.control.requests(Endpoint.MISSED_LEADS, "A668") == 3


def test_the_settings_point_a_job_at_this_portal(portal: RunningPortal) -> None:
    codes = ",".join(portal.world.codes)
    assert portal.settings == {
        "TD_BASE_URL": portal.base_url,
        "TMS_BASE": portal.tms_base,
        "STORES_LIST": codes,
        "REPORT_STORES_LIST": codes,
        "TD_A668_USERNAME": "A668",
        "TD_A668_PASSWORD": "not-a-secret",
        "TD_A668_STORE_CODE": "A668",
    }


def test_the_portal_leaves_no_thread_behind_even_when_a_client_is_still_waiting() -> None:
    before = threading.active_count()
    with httpx.Client() as client:
        with run_portal(World(stores=1)) as portal:
            portal.control.add(Fault(Kind.SLOW_BODY, seconds=3_600))
            with client.stream("GET", f"{portal.base_url}/home/login") as answer:
                assert answer.status_code == 200
            waiting = threading.Thread(
                target=_ignore_the_end, args=(f"{portal.base_url}/home/login",)
            )
            waiting.start()
        waiting.join()

    assert threading.active_count() == before


def _ignore_the_end(url: str) -> None:
    try:
        httpx.get(url, timeout=300)
    except httpx.HTTPError:
        return


def test_a_taken_port_is_an_error_and_leaves_nothing_open(portal: RunningPortal) -> None:
    taken = int(portal.base_url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), run_portal(port=taken):
        pass


def test_tms_can_have_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("127.0.0.2")
    tls = Tls(tmp_path / "cert.pem", tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(str(tls.certificate))
    issued.private_key_pem.write_to_path(str(tls.key))
    with run_portal(World(stores=1), tls=tls) as portal, httpx.Client() as client:
        assert portal.tms_base.startswith("https://127.0.0.2:")
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            client.get(portal.tms_base)
