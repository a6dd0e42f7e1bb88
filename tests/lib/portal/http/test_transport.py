import io
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import httpx
import pytest

from demo.portal import Endpoint, Fault
from demo.portal import Kind as Trouble
from lib import log
from lib.domain.exports import EXPORTS
from lib.model import Bucket
from lib.portal import PortalAway
from lib.portal.http import transport
from lib.portal.http.reply import ReplyKind
from lib.portal.http.transport import TooLarge, Transport, Unanswered
from lib.portal.session.storage_state import SessionState
from lib.portal.site.facts import dashboard_path

A668 = log.Fields(store_code="A668")
EXPORT = EXPORTS[Bucket.MISSED_LEADS]


@pytest.fixture
def wire(settings, simulator):
    opened = Transport(settings)
    opened.use(SessionState(tuple(simulator.storage_state()["cookies"])))
    yield opened
    opened.close()


def ask(wire, settings, store="A668"):
    return wire.get(dashboard_path(settings, store), into=io.BytesIO(), fields=A668)


def test_a_reply_comes_whole_with_what_it_is(wire):
    into = io.BytesIO()
    kind, reply = wire.get(EXPORT.path_of("A668"), into=into, fields=A668, export=EXPORT)

    assert (kind, reply.status, reply.body) == (ReplyKind.CSV, 200, into.getvalue())


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Trouble.DROP, Endpoint.DASHBOARD),
        Fault(Trouble.CUT, Endpoint.DASHBOARD),
        Fault(Trouble.STATUS, Endpoint.DASHBOARD, status=503),
        Fault(Trouble.RATE_LIMITED, Endpoint.DASHBOARD, seconds=2),
        Fault(Trouble.RATE_LIMITED, Endpoint.DASHBOARD),
    ],
    ids=lambda fault: fault.kind,
)
class TestWhatMayPass:
    def test_is_asked_for_again_and_forgotten(self, wire, settings, control, fault):
        control.add(replace(fault, times=2))

        assert ask(wire, settings)[0] is ReplyKind.PAGE
        assert control.requests(Endpoint.DASHBOARD) == 3

    def test_is_given_up_after_three_attempts(self, wire, settings, control, fault):
        control.add(fault)

        with pytest.raises(Unanswered):
            ask(wire, settings)
        assert control.requests(Endpoint.DASHBOARD) == 3


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(Trouble.LOGGED_OUT), ReplyKind.LOGGED_OUT),
        (Fault(Trouble.UNKNOWN_PAGE, Endpoint.DASHBOARD), ReplyKind.UNKNOWN),
        (Fault(Trouble.CHALLENGE, Endpoint.DASHBOARD), ReplyKind.CHALLENGE),
        (Fault(Trouble.STATUS, Endpoint.DASHBOARD, status=403), ReplyKind.LOGGED_OUT),
    ],
)
def test_what_will_not_pass_is_asked_for_once(wire, settings, control, fault, kind):
    control.add(fault)

    assert ask(wire, settings)[0] is kind
    assert control.requests(Endpoint.DASHBOARD) == 1


@pytest.mark.parametrize("trouble", [Trouble.DELAY, Trouble.SLOW_BODY])
def test_silence_ends_with_the_time_out_by_name(hasty, simulator, control, trouble):
    control.add(Fault(trouble, Endpoint.DASHBOARD, seconds=30))
    wire = Transport(replace(hasty, timeout_s=0.2))
    wire.use(SessionState(tuple(simulator.storage_state()["cookies"])))

    with pytest.raises(Unanswered, match=r"PORTAL_TIMEOUT_SECONDS \(0\.2 s\)"):
        ask(wire, hasty)
    wire.close()


@pytest.fixture
def endless(settings):
    """Settings whose TMS sends a body of single letters, twenty a second, for as long as anybody listens."""
    stopped = Event()

    class Trickle(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                while not stopped.wait(0.05):
                    self.wfile.write(b"x")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Trickle) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield replace(
            settings, tms_base=f"http://127.0.0.1:{server.server_port}", network_wait_s=30
        )
        stopped.set()
        server.shutdown()


def test_a_body_that_trickles_ends_with_the_time_out(endless):
    alone = replace(endless, concurrency=1, timeout_s=0.5)
    wire = Transport(alone)
    with pytest.raises(Unanswered, match="no whole answer within PORTAL_TIMEOUT_SECONDS"):
        ask(wire, alone)
    wire.close()


def test_a_network_is_there_when_an_answer_has_begun(endless):
    wire = Transport(endless)

    assert wire.await_network()
    wire.close()


def test_a_body_without_end_is_not_waited_for_or_kept(wire, settings, control, monkeypatch):
    monkeypatch.setattr(transport, "LARGEST_BYTES", 100)

    with pytest.raises(TooLarge, match="larger than 100 bytes"):
        ask(wire, settings)
    assert control.requests(Endpoint.DASHBOARD) == 1


def test_a_dead_network_is_found_out_and_then_nothing_is_tried_any_more(settings):
    wire = Transport(replace(settings, tms_base="http://127.0.0.1:9", concurrency=1))
    with pytest.raises(Unanswered, match="no connection"):
        ask(wire, settings)

    for _ in range(2):
        with pytest.raises(PortalAway, match="out of reach"):
            ask(wire, settings)
    wire.close()


def test_a_stopped_transport_asks_for_nothing_more(wire, settings, control):
    wire.stop()

    with pytest.raises(PortalAway):
        ask(wire, settings)
    assert control.requests() == 0


def test_cookies_of_a_page_for_strangers_never_replace_the_session(wire, settings, control):
    before = wire.state()
    control.expire_tms()

    assert ask(wire, settings)[0] is ReplyKind.LOGGED_OUT
    assert wire.state() == before


def test_an_error_never_tells_the_address(settings):
    wire = Transport(replace(settings, tms_base="http://127.0.0.1:9", concurrency=1))
    with pytest.raises(Unanswered) as failed:
        ask(wire, settings)

    assert "127.0.0.1" not in str(failed.value)
    wire.close()


@pytest.mark.parametrize(
    ("header", "pause_s"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "999999999"}, transport.RETRY_AFTER_MAX_S),
        ({"retry-after": format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)}, 0.0),
        (
            {"retry-after": format_datetime(datetime(2099, 1, 1, tzinfo=UTC), usegmt=True)},
            transport.RETRY_AFTER_MAX_S,
        ),
        ({"retry-after": "soon"}, True),
        ({"retry-after": "-5"}, True),
        ({}, True),
    ],
)
def test_the_pause_that_the_server_asks_for_is_honoured_within_bounds(header, pause_s):
    wished = transport._retry_after_s(httpx.Response(429, headers=header))

    assert transport._pause(Unanswered("too many requests", wished)) == pause_s


def test_only_what_went_unanswered_is_asked_again():
    assert transport._pause(TooLarge("too large")) is False
    assert transport._pause(PortalAway("away")) is False
