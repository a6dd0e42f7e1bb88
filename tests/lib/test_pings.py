"""A health check hears of a job, and nothing that it does matters to the job."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from threading import enumerate as enumerate_threads

import pytest

from lib import log, pings
from lib.errors import ExitCode, TemporaryError

pytestmark = pytest.mark.integration


@contextmanager
def health_check(status=200, silent_until=None):
    """Yield the address of a service and the paths that it heard."""
    heard = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)
            if silent_until:
                silent_until.wait(60)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    worker = Thread(target=server.serve_forever)
    worker.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/check", heard
    finally:
        server.shutdown()
        worker.join()
        server.server_close()


@pytest.fixture(autouse=True)
def no_ping_outlives_its_test():
    """Wait for pings that a job went on without: on a busy machine they look up a name late."""
    yield
    for thread in enumerate_threads():
        if thread.name == "ping":
            thread.join(60)


@pytest.fixture
def events(capsys):
    log.start(pipeline_name="daily", run_id="1")
    return lambda: [json.loads(line)["message"] for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("code", "end"),
    [(ExitCode.OK, "/check"), (ExitCode.TEMPORARY, "/check/fail"), (ExitCode.BUG, "/check/fail")],
)
def test_start_and_end_are_told(code, end):
    with health_check() as (url, heard):
        assert pings.watched(url, lambda: code) is code
    assert heard == ["/check/start", end]


def test_an_error_is_told_and_raised():
    def work():
        raise TemporaryError("away")

    with health_check() as (url, heard), pytest.raises(TemporaryError):
        pings.watched(url, work)
    assert heard == ["/check/start", "/check/fail"]


def test_without_an_address_nothing_is_told():
    assert pings.watched(None, lambda: ExitCode.OK) is ExitCode.OK


def test_a_service_that_refuses_changes_nothing(events):
    with health_check(500) as (url, _):
        assert pings.watched(url, lambda: ExitCode.OK) is ExitCode.OK
    assert events() == ["the health check answered with status 500"] * 2


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/t0ken", "http://health.example.invalid/t0ken", "no address"]
)
def test_a_service_that_is_away_changes_nothing_and_its_address_is_not_told(events, url):
    assert pings.watched(url, lambda: ExitCode.OK) is ExitCode.OK
    assert events() == ["the health check did not answer within 3 s"] * 2


def test_a_service_that_never_answers_is_left_behind(events, monkeypatch):
    monkeypatch.setattr(pings, "TIMEOUT_S", 0.05)
    released = Event()
    with health_check(silent_until=released) as (url, _):
        assert pings.watched(url, lambda: ExitCode.OK) is ExitCode.OK
        released.set()

    assert events() == ["the health check did not answer within 0.05 s"] * 2
