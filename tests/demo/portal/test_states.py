"""Every state that the portal can be put into while it runs, seen over the wire."""

from collections.abc import Callable

import httpx
import pytest

from demo.portal import Endpoint, Fault, Host, Kind, RunningPortal

LogIn = Callable[..., httpx.Response]
MARKER = "You need to be logged in to view this page!"
DASHBOARD = "/mis/partner_dashboard?store_code={}"
LEADS = "/mis/download_csv?store_code={}"
PAGES = [
    (Fault(Kind.STATUS, status=502), 502, "<h1>502</h1>"),
    (Fault(Kind.RATE_LIMITED, seconds=7), 429, "Too many requests"),
    (Fault(Kind.CHALLENGE), 403, "Just a moment..."),
    (Fault(Kind.UNKNOWN_PAGE), 200, "We are improving things"),
    (Fault(Kind.LOGGED_OUT), 200, MARKER),
    (Fault(Kind.NOT_OWNED), 200, "LOTUS NAGAR"),
    (Fault(Kind.WRONG_DATE), 200, "<small>08 Dec 2025</small>"),
    (
        Fault(Kind.RENAMED_HEADER, name="Customer (6 Months Ago)", text="Base (M-6)"),
        200,
        "<th>Base (M-6)</th>",
    ),
    (Fault(Kind.CELL, name="growth_pct", text="10,000%"), 200, "<td>10,000%</td>"),
    (Fault(Kind.LAYOUT, text="cards"), 200, '<div class="card">'),
]


@pytest.mark.parametrize(
    ("fault", "status", "text"), PAGES, ids=lambda value: getattr(value, "kind", None)
)
def test_a_fault_changes_the_dashboard(
    fault: Fault, status: int, text: str, portal: RunningPortal, inside: httpx.Client
) -> None:
    portal.control.add(fault)
    answer = inside.get(portal.tms_base + DASHBOARD.format("A668"))

    assert (answer.status_code, text in answer.text) == (status, True)
    portal.control.clear()
    assert text not in inside.get(portal.tms_base + DASHBOARD.format("A668")).text


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault(Kind.MISSING_SECTION, name="Package"), '<h3 class="section-title">Package'),
        (Fault(Kind.NO_TITLE), "dashboard-title"),
        (Fault(Kind.NO_DATE), "<small>"),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_a_fault_leaves_something_out(
    fault: Fault, text: str, portal: RunningPortal, inside: httpx.Client
) -> None:
    portal.control.add(fault)
    assert text not in inside.get(portal.tms_base + DASHBOARD.format("A668")).text


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        (Fault(Kind.ZERO_ROWS), "No data available to export."),
        (Fault(Kind.EMPTY_BODY), ""),
        (Fault(Kind.HEADER_ONLY), "Store Code,Mobile No.,Status\n"),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_a_fault_empties_an_export(
    fault: Fault, body: str, portal: RunningPortal, inside: httpx.Client
) -> None:
    portal.control.add(fault)
    answer = inside.get(f"{portal.tms_base}/mis/download_repeat_csv?store_code=A668")

    assert (answer.status_code, answer.headers["content-type"], answer.text) == (
        200,
        "text/csv;charset=UTF-8",
        body,
    )


@pytest.mark.parametrize(
    ("fault", "line", "text"),
    [
        (Fault(Kind.ZERO_ROWS_THEN_CSV), 0, "No data available to export."),
        (
            Fault(Kind.RENAMED_HEADER, name="Mobile No.", text="Contact"),
            0,
            "Store Code,Contact,Status",
        ),
        (Fault(Kind.NOT_OWNED), 1, "A817,"),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_a_fault_changes_an_export(
    fault: Fault, line: int, text: str, portal: RunningPortal, inside: httpx.Client
) -> None:
    portal.control.add(fault)
    lines = inside.get(
        f"{portal.tms_base}/mis/download_repeat_csv?store_code=A668"
    ).text.splitlines()

    assert lines[line].startswith(text)


def test_a_fault_of_one_store_spares_the_others_and_ends_after_its_times(
    portal: RunningPortal, inside: httpx.Client
) -> None:
    portal.control.add(Fault(Kind.STATUS, Endpoint.MISSED_LEADS, "A817", times=2, status=503))
    codes = ["A668", "A817", "A668", "A817", "A817"]

    assert [inside.get(portal.tms_base + LEADS.format(code)).status_code for code in codes] == [
        200,
        503,
        200,
        503,
        200,
    ]


@pytest.mark.parametrize(("seconds", "header"), [(7, "7"), (0, None)])
def test_rate_limits_say_when_to_come_back_or_do_not(
    seconds: float, header: str | None, portal: RunningPortal, browser: httpx.Client
) -> None:
    portal.control.add(Fault(Kind.RATE_LIMITED, Endpoint.LOGIN, seconds=seconds))
    assert browser.get(f"{portal.base_url}/home/login").headers.get("retry-after") == header


@pytest.mark.parametrize("kind", [Kind.DROP, Kind.CUT])
@pytest.mark.parametrize("path", [DASHBOARD, LEADS], ids=["dashboard", "export"])
def test_a_connection_can_break_before_or_within_an_answer(
    kind: Kind, path: str, portal: RunningPortal, inside: httpx.Client
) -> None:
    portal.control.add(Fault(kind, store="A668", times=1))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending"):
        inside.get(portal.tms_base + path.format("A668"))

    assert inside.get(portal.tms_base + path.format("A668")).status_code == 200
    assert portal.control.high_water(Host.TMS) == 1


def test_an_answer_can_be_late_or_slow(portal: RunningPortal, inside: httpx.Client) -> None:
    url = portal.tms_base + LEADS.format("A668")
    portal.control.add(Fault(Kind.DELAY, times=1, seconds=60))
    with pytest.raises(httpx.ReadTimeout):
        inside.get(url, timeout=0.5)
    portal.control.add(Fault(Kind.SLOW_BODY, times=1, seconds=60))
    with inside.stream("GET", url, timeout=0.5) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            answer.read()

    assert inside.get(url).status_code == 200


@pytest.mark.parametrize(
    ("kind", "text"),
    [(Kind.BOUNCED, "Laundry"), (Kind.BAD_CREDENTIALS, "Invalid username or password")],
)
def test_a_login_can_be_refused_although_it_is_right(
    kind: Kind, text: str, portal: RunningPortal, browser: httpx.Client, log_in: LogIn
) -> None:
    portal.control.add(Fault(kind, times=1))
    refused = log_in()

    assert (refused.status_code, "<form" in refused.text, text in refused.text) == (
        200,
        kind is Kind.BAD_CREDENTIALS,
        True,
    )
    assert browser.get(f"{portal.base_url}/home").headers["location"] == "/home/login"
    assert log_in().status_code == 302


@pytest.mark.parametrize(
    ("fault", "markup"),
    [
        (None, '<a class="tile" href="/home/mis" target="_blank">'),
        (Kind.SAME_TAB, '<a class="tile" href="/home/mis">'),
        (Kind.CARD_ONLY, '<div class="card" onclick="window.open('),
        (Kind.NO_TAB, '<a class="tile" href="javascript:void(0)">'),
    ],
)
def test_the_tracker_card_can_behave_differently(
    fault: Kind | None, markup: str, portal: RunningPortal, inside: httpx.Client
) -> None:
    if fault:
        portal.control.add(Fault(fault))
    assert markup in inside.get(f"{portal.base_url}/home").text


def test_the_hop_can_end_on_an_error_or_on_a_dashboard(
    portal: RunningPortal, inside: httpx.Client
) -> None:
    portal.control.add(Fault(Kind.TAB_ERROR, times=1))
    with pytest.raises(httpx.RemoteProtocolError):
        inside.get(inside.get(f"{portal.base_url}/home/mis").headers["location"])
    portal.control.add(Fault(Kind.ON_DASHBOARD))
    hop = inside.get(inside.get(f"{portal.base_url}/home/mis").headers["location"])

    assert hop.headers["location"] == DASHBOARD.format("A668")


def test_the_portal_can_forget_a_login_at_the_tracker_card(
    portal: RunningPortal, inside: httpx.Client
) -> None:
    portal.control.add(Fault(Kind.LOGIN_LOST))

    assert inside.get(f"{portal.base_url}/home/mis").headers["location"] == "/home/login"
    assert inside.get(f"{portal.base_url}/home").headers["location"] == "/home/login"


def test_tms_expires_once_in_the_middle_and_simplify_stays(
    portal: RunningPortal, inside: httpx.Client
) -> None:
    portal.control.expire_tms_after(2)
    pages = [
        inside.get(portal.tms_base + DASHBOARD.format(code)).text for code in portal.world.codes[:4]
    ]

    assert [MARKER in page for page in pages] == [False, False, True, True]
    inside.get(inside.get(f"{portal.base_url}/home/mis").headers["location"])
    assert MARKER not in inside.get(f"{portal.tms_base}/client/tickets").text
