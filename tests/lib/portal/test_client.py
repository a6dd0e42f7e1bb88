"""Stores at the simulator with a live session.

What each fault of the portal does to one store, and to the others.
"""

import json
import threading
from datetime import timedelta

import pytest
from loguru import logger

from demo.portal import Endpoint, Fault, Host
from demo.portal import Kind as Trouble
from demo.portal.figures import figures
from lib import portal
from lib.model import Bucket, Dashboard, Download, Status
from lib.portal import PortalAway, StoreGap
from lib.portal.login import browser_login
from lib.portal.login.session_manager import MAX_RENEWALS
from tests.lib.portal.conftest import T, save_state
from tests.lib.portal.states import DASHBOARD_GAPS, EXPORT_GAPS, FINDINGS, HARMLESS


def everything(client, directory):
    """The work of one store: its exports, then its dashboard."""

    def work(code):
        return [client.download(code, bucket, directory) for bucket in Bucket], client.dashboard(
            code, T, None
        )

    return work


@pytest.fixture
def morning(client, stores, tmp_path):
    """All stores' work, by store."""
    return lambda: dict(client.run_concurrently(stores, everything(client, tmp_path / "data")))


def gaps(results):
    return {code: str(result) for code, result in results.items() if isinstance(result, Exception)}


def test_a_quiet_morning_asks_once_for_everything(morning, simulator, control, stores, tmp_path):
    results = morning()

    assert gaps(results) == {}
    for code, (downloads, dashboard) in results.items():
        assert downloads == [
            Download(
                code, bucket, file, tuple(file.read_text("utf-8-sig").splitlines()[0].split(","))
            )
            for bucket, name in zip(
                Bucket,
                ("missed-leads", "undelivered-all", "repeat-customers", "non-package-all"),
                strict=True,
            )
            for file in [tmp_path / "data" / f"{code}-{name}.csv"]
        ]
        store = simulator.world.by_code[code]
        assert (dashboard.store_name, dashboard.dashboard_on) == (store.name, T)
        assert {name: float(value) for name, value in dashboard.metrics.items()} == pytest.approx(
            figures(simulator.world, store, T)
        )
    assert control.requests() == (len(Bucket) + 1) * len(stores)


def test_the_page_that_proved_the_session_is_its_stores_dashboard(
    settings, simulator, control, stores
):
    save_state(settings.storage_state, simulator.storage_state())
    with portal.connect(settings) as client:
        client.log_in(stores)
        pages = [client.dashboard(stores[0], T, None) for _ in range(2)]

    assert pages[0] == pages[1]
    assert control.requests(Endpoint.DASHBOARD, stores[0]) == 2


def test_a_proof_about_another_day_is_asked_for_again(settings, simulator, control, stores):
    save_state(settings.storage_state, simulator.storage_state())
    with portal.connect(settings) as client:
        client.log_in(stores)
        control.set_today(T + timedelta(days=2))

        assert client.dashboard(
            stores[0], T + timedelta(days=1), None
        ).dashboard_on == T + timedelta(days=1)


def test_never_more_requests_in_flight_than_allowed(morning, control, settings):
    control.set_latency(0.02)
    morning()

    assert 1 < control.high_water(Host.TMS) <= settings.concurrency


@pytest.mark.parametrize(
    ("fault", "reason"),
    DASHBOARD_GAPS,
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_a_dashboard_that_cannot_be_had_is_a_gap_of_its_store_only(
    morning, control, fault, reason, monkeypatch
):
    monkeypatch.setattr(
        browser_login, "log_in", lambda *_, **__: pytest.fail("the session was never lost")
    )
    control.add(fault)
    (said,) = gaps(results := morning()).values()

    assert said.startswith(f"A668: the dashboard is missing: {reason}")
    assert isinstance(results["A668"], StoreGap)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    EXPORT_GAPS,
)
def test_an_export_that_cannot_be_had_is_a_named_gap_without_a_file(
    morning, control, tmp_path, trouble, reason
):
    control.add(Fault(trouble, Endpoint.UNDELIVERED_ALL, store="A668"))

    assert gaps(morning()) == {"A668": f"A668: the export undelivered_all is missing: {reason}"}
    assert not [
        file.name
        for file in (tmp_path / "data").iterdir()
        if file.name.startswith(("A668-undel", "."))
    ]


def test_a_renamed_required_column_fails_the_file(morning, control):
    control.add(
        Fault(
            Trouble.RENAMED_HEADER,
            Endpoint.MISSED_LEADS,
            store="A668",
            name="mobile_number",
            text="Phone",
        )
    )

    assert list(gaps(morning())) == ["A668"]


@pytest.mark.parametrize(("fault", "words"), FINDINGS, ids=[fault.kind for fault, _ in FINDINGS])
def test_an_odd_dashboard_is_read_as_far_as_it_goes_and_the_rest_is_said(
    client, control, fault, words
):
    control.add(fault)
    page = client.dashboard("A668", T, None)

    assert words in [
        finding.text for finding in page.findings if finding.severity is Status.WARNING
    ]
    assert any(value is not None for value in page.metrics.values())


@pytest.mark.parametrize(
    "fault", HARMLESS, ids=[f"{fault.kind} {fault.endpoint or ''}" for fault in HARMLESS]
)
def test_what_is_odd_but_harmless_is_read_without_a_word(morning, control, fault):
    control.add(fault)

    assert gaps(morning()) == {}


@pytest.mark.parametrize(
    ("trouble", "first_line"),
    [
        (Trouble.ZERO_ROWS, "No data available to export."),
        (Trouble.ZERO_ROWS_THEN_CSV, "order_no,order_date"),
        (Trouble.HEADER_ONLY, "order_no,order_date"),
    ],
)
def test_an_export_without_rows_is_valid(client, control, tmp_path, trouble, first_line):
    control.add(Fault(trouble, Endpoint.UNDELIVERED_ALL))
    download = client.download("A668", Bucket.UNDELIVERED_ALL, tmp_path)

    assert download.path.read_text().startswith(first_line)


def test_what_passes_is_asked_again_and_leaves_no_gap(morning, control):
    control.add(
        Fault(Trouble.DROP, Endpoint.MISSED_LEADS, times=2),
        Fault(Trouble.STATUS, Endpoint.DASHBOARD, times=2),
    )

    assert gaps(morning()) == {}


def test_one_expiry_means_one_new_session_for_all(morning, control, stores):
    control.set_latency(0.02)
    control.expire_tms_after(10)

    assert gaps(morning()) == {}
    assert (control.hops, control.login_submissions) == (1, 0)


def test_when_both_sessions_expire_one_login_serves_all(morning, control):
    control.set_latency(0.02)
    control.expire_simplify()
    control.expire_tms_after(10)

    assert gaps(morning()) == {}
    assert (control.hops, control.login_submissions) == (1, 1)


def test_a_login_refused_in_mid_run_ends_it_with_the_rest_as_gaps(
    morning, control, settings, stores
):
    saved = settings.storage_state.read_bytes()
    control.expire_simplify()
    control.expire_tms()
    control.add(Fault(Trouble.BOUNCED))
    results = morning()

    assert {type(result) for result in results.values()} == {portal.LoginRefused}
    assert len(results) == len(stores)
    assert (control.login_submissions, settings.storage_state.read_bytes()) == (1, saved)


def test_a_session_that_is_lost_again_and_again_is_given_up(morning, control, monkeypatch):
    control.expire_simplify()
    control.add(
        Fault(Trouble.LOGGED_OUT, Endpoint.DASHBOARD),
        Fault(Trouble.LOGGED_OUT, Endpoint.MISSED_LEADS),
    )
    results = morning()

    assert {type(result) for result in results.values()} == {PortalAway}
    assert control.login_submissions <= 2


def test_a_session_that_does_not_last_is_renewed_a_few_times_and_then_given_up(
    client, control, stores
):
    for _ in range(MAX_RENEWALS):
        control.expire_tms()
        assert client.dashboard(stores[0], T, None)
    control.expire_tms()

    with pytest.raises(PortalAway, match="lost the session 5 times"):
        client.dashboard(stores[0], T, None)


def test_no_secret_and_no_address_gets_into_the_log(morning, simulator, settings):
    control = simulator.control
    events = []
    number = logger.add(lambda message: events.append(str(message.record)), level=0)
    control.expire_simplify()
    control.expire_tms()
    control.add(
        *(Fault(kind, Endpoint.DASHBOARD, times=2) for kind in (Trouble.DROP, Trouble.STATUS))
    )
    morning()
    logger.remove(number)
    cookies = json.loads(settings.storage_state.read_text())["cookies"]
    # One of the portal's cookies holds the user name, which looks like a store code.
    secrets = {cookie["value"] for cookie in cookies} - {simulator.username}

    assert len(events) > len(secrets) > 2
    for secret in [*secrets, simulator.password, "token=", "127.0.0."]:
        assert secret not in "".join(events)


def test_the_renewed_session_is_kept_for_the_next_run(client, settings, simulator, control, stores):
    control.expire_tms()
    client.dashboard(stores[0], T, None)
    client.__exit__(None, None, None)
    with portal.connect(settings) as next_run:
        assert next_run.log_in(stores) is portal.LoginOutcome.REUSED


def test_a_session_that_cannot_be_kept_costs_the_run_nothing(settings, simulator, stores):
    save_state(settings.storage_state, simulator.storage_state())
    with portal.connect(settings) as client:
        client.log_in(stores)
        settings.storage_state.unlink()
        settings.storage_state.mkdir()


def test_a_dashboard_is_checked_against_the_known_name(client, simulator):
    name = simulator.world.by_code["A668"].name

    assert isinstance(client.dashboard("A668", T, name.title()), Dashboard)
    with pytest.raises(StoreGap, match="store_master"):
        client.dashboard("A668", T, "Somewhere Else")


def test_another_day_than_yesterday_cannot_be_had(client):
    with pytest.raises(StoreGap, match="the portal shows only yesterday"):
        client.dashboard("A668", T - timedelta(days=1), None)


def test_a_client_leaves_no_thread_behind(morning):
    before = threading.active_count()
    morning()

    assert threading.active_count() == before
