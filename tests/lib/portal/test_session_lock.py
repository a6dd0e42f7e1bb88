"""A portal that serves one session one request at a time, as PHP does, and one that does not."""

import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from loguru import logger

from demo.portal import Endpoint, Fault, Host, Kind
from lib import log, portal
from lib.model import Bucket
from lib.portal.http import pace
from lib.portal.http.transport import Transport
from lib.portal.login import browser_login
from lib.portal.session import storage_state
from lib.portal.site.facts import dashboard_path
from tests.lib.portal.conftest import T, save_state

#: One request takes so long.
LATENCY_S = 0.25
#: For the test of time-outs: four requests one after another take longer than the time-out.
SLOW_S = 0.5
TIMEOUT_S = 1.9
#: How often all dashboards are read again until there is a verdict.
ROUNDS = 6


@pytest.fixture
def slow(settings):
    return replace(settings, timeout_s=TIMEOUT_S)


@pytest.fixture
def said():
    events = []
    number = logger.add(lambda message: events.append(message.record["message"]), level=0)
    yield events
    logger.remove(number)


@contextmanager
def logged_in(settings, simulator):
    """Give a client whose saved session holds."""
    save_state(settings.storage_state, simulator.storage_state())

    with portal.connect(settings) as client:
        client.log_in(simulator.world.codes)
        yield client


def read_everything(client, stores, directory):
    """Read exports and dashboards of all stores; return what could not be had."""
    units = [(code, bucket) for code in stores for bucket in Bucket]
    results = [
        *client.run_concurrently(units, lambda unit: client.download(*unit, directory)),
        *client.run_concurrently(stores, lambda code: client.dashboard(code, T, None)),
    ]
    return [str(result) for _, result in results if isinstance(result, Exception)]


@contextmanager
def morning(settings, simulator, directory):
    """Read everything of all stores; give the client and what could not be had."""
    with logged_in(settings, simulator) as client:
        yield client, read_everything(client, simulator.world.codes, directory)


def until_known(client, stores):
    """Read dashboards until it is known how the portal serves; return how many more were read.

    A busy machine can make the page slow that tells how long one takes alone: the run then asks
    for another one alone, and knows a few pages later.
    """
    further = 0

    while client.pace() is None and further < ROUNDS * len(stores):
        read = dict(client.run_concurrently(stores, lambda code: client.dashboard(code, T, None)))
        assert not [page for page in read.values() if isinstance(page, Exception)]
        further += len(stores)

    return further


def requests_of(stores):
    """Three exports and a dashboard each; one dashboard is the page that proved the session."""
    return (len(Bucket) + 1) * len(stores)


def test_a_locked_session_is_noticed_and_every_store_is_read_without_a_time_out(
    slow, simulator, control, stores, said, tmp_path
):
    control.set_session_lock(True)
    control.set_latency(SLOW_S)

    # A lock may let others go first again and again. In a round of eight pages that is bounded; the
    # exports could be 30 pages before the verdict, and one of them met its time-out.
    with logged_in(slow, simulator) as client:
        further = until_known(client, stores)
        gaps = read_everything(client, stores, tmp_path)
        found = client.pace()

    assert gaps == []
    assert control.requests() == requests_of(stores) + further
    assert (found.in_flight, found.sessions) == (1, 1)
    assert [line for line in said if "one request of a session" in line] == [str(found)]
    assert not [line for line in said if "asking again" in line]


def test_after_that_one_request_is_in_flight(settings, simulator, control, stores, tmp_path):
    control.set_session_lock(True)
    control.set_latency(LATENCY_S)

    with morning(settings, simulator, tmp_path) as (client, gaps):
        until_known(client, stores)
        control.reset_counters()
        pages = dict(client.run_concurrently(stores, lambda code: client.dashboard(code, T, None)))

    assert (gaps, len(pages)) == ([], len(stores))
    assert control.high_water(Host.TMS) == 1


def test_a_portal_without_such_a_lock_is_asked_as_before(
    settings, simulator, control, tmp_path, said
):
    control.set_latency(LATENCY_S)

    with morning(settings, simulator, tmp_path) as (client, gaps):
        assert client.pace() is None

    assert gaps == []
    assert control.high_water(Host.TMS) == settings.concurrency


def test_the_question_whether_anything_answers_does_not_wait_for_the_session(
    settings, simulator, control
):
    """It carries no cookie: a page that takes for ever holds the session, not the portal."""
    control.set_session_lock(True)
    control.add(Fault(Kind.DELAY, Endpoint.DASHBOARD, seconds=60))
    save_state(settings.storage_state, simulator.storage_state())
    wire = Transport(settings)
    wire.use(storage_state.load(settings.storage_state))
    request = {"into": io.BytesIO(), "fields": log.Fields(store_code="A668")}

    with ThreadPoolExecutor(1) as pool:
        page = pool.submit(wire.get, dashboard_path(settings, "A668"), **request)
        while not control.requests(Endpoint.DASHBOARD):
            assert not page.done()

        assert wire._is_answering()
        assert not page.done()
        wire.stop()
        control.clear()
        wire.close()


def test_a_request_that_others_overtake_on_the_way_has_time_for_them(
    slow, simulator, control, stores
):
    """It is counted as the first of four and served as the last: that takes longer than a time-out."""
    control.set_session_lock(True)
    save_state(slow.storage_state, simulator.storage_state())

    with portal.connect(slow) as client:
        client.log_in(stores)
        control.reset_counters()
        control.set_latency(0.9 * TIMEOUT_S)
        control.add(Fault(Kind.DELAY, Endpoint.DASHBOARD, stores[1], seconds=0.5 * TIMEOUT_S))

        assert client.dashboard(stores[1], T, None).store_code == stores[1]

    assert control.requests(Endpoint.DASHBOARD, stores[1]) == 1


def test_further_sessions_are_opened_as_far_as_settings_allow(
    settings, simulator, control, stores, tmp_path
):
    control.set_session_lock(True)
    control.set_latency(LATENCY_S)

    with morning(replace(settings, sessions=3), simulator, tmp_path) as (client, gaps):
        until_known(client, stores)
        found = client.pace()

    assert gaps == []
    assert (found.in_flight, found.sessions) == (3, 3)
    assert (control.hops, control.login_submissions) == (2, 0)


def test_a_portal_that_allows_one_session_only_costs_no_login(
    settings, simulator, control, stores, tmp_path
):
    control.set_session_lock(True)
    control.set_one_tms_session(True)
    control.set_latency(LATENCY_S)

    with morning(replace(settings, sessions=2), simulator, tmp_path) as (_, gaps):
        pass

    assert gaps == []
    assert control.login_submissions == 0


def test_without_a_live_login_the_run_goes_on_with_one_session(
    settings, simulator, control, tmp_path
):
    control.set_session_lock(True)
    control.set_latency(LATENCY_S)
    save_state(settings.storage_state, simulator.storage_state())

    stores = simulator.world.codes
    with portal.connect(replace(settings, sessions=2)) as client:
        client.log_in(stores)
        control.expire_simplify()
        pages = dict(
            client.run_concurrently(stores * 2, lambda code: client.dashboard(code, T, None))
        )
        until_known(client, stores)
        found = client.pace()

    assert not [page for page in pages.values() if isinstance(page, Exception)]
    assert (found.sessions, control.login_submissions) == (1, 0)


def test_a_browser_that_fails_costs_no_run(
    settings, simulator, control, stores, tmp_path, monkeypatch
):
    def no_browser(*_):
        raise portal.PortalAway("the browser died")

    monkeypatch.setattr(browser_login, "further_sessions", no_browser)
    control.set_session_lock(True)
    control.set_latency(LATENCY_S)

    with morning(replace(settings, sessions=2), simulator, tmp_path) as (client, gaps):
        until_known(client, stores)
        assert (client.pace().sessions, gaps) == (1, [])


def test_work_that_was_given_up_is_waited_for(slow, simulator, control, stores, tmp_path):
    """The portal works on for a client that has left: the next request has that much more time."""
    control.set_session_lock(True)

    control.set_latency(LATENCY_S)

    with morning(slow, simulator, tmp_path) as (client, _):
        until_known(client, stores)
        control.set_latency(1.25 * TIMEOUT_S)
        control.reset_counters()

        assert client.dashboard(stores[0], T, None).store_code == stores[0]

    assert control.requests(Endpoint.DASHBOARD, stores[0]) == 2


def test_the_judgement_needs_replies_that_take_time():
    assert pace.MIN_ALONE_S < LATENCY_S
