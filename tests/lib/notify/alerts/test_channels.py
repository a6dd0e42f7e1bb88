"""Alert channels: typed, side by side, bounded."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from lib.notify.alerts.channels import AlertKind, send

pytestmark = pytest.mark.integration

# Long enough for a busy machine, and never waited out where a channel answers.
PATIENCE_S = 60


@pytest.fixture
def service():
    """An HTTP service that keeps what is posted.

    `/slow` sends its answer a byte at a time, for ever.
    """
    received, ended = [], Event()

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if self.path == "/broken" else 200)
            if self.path != "/slow":
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            try:
                while not ended.wait(0.05):
                    self.wfile.write(b".")
            except OSError:
                ended.set()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    worker = Thread(target=server.serve_forever)
    worker.start()
    yield f"json://127.0.0.1:{server.server_port}", received
    ended.set()
    server.shutdown()
    worker.join()
    server.server_close()


@pytest.mark.parametrize(
    ("kind", "word"), [(AlertKind.FAILURE, "failure"), (AlertKind.RECOVERY, "success")]
)
def test_an_alert_says_of_which_kind_it_is(service, kind, word):
    address, received = service

    assert send([f"{address}/"], "title", "text", kind, patience_s=PATIENCE_S)
    assert [(one["type"], one["title"], one["message"]) for one in received] == [
        (word, "title", "text")
    ]


def test_a_channel_that_answers_a_byte_a_time_holds_up_no_other_and_not_the_alert(service):
    address, received = service
    urls = [f"{address}/slow", f"{address}/"]

    # Ends although the slow one never does; the other one is taken while it goes on.
    assert send(urls, "title", "text", AlertKind.FAILURE, patience_s=5)
    assert len(received) == 2


def test_an_alert_that_only_a_slow_channel_has_is_not_taken(service):
    address, _ = service
    assert not send([f"{address}/slow"], "title", "text", AlertKind.FAILURE, patience_s=0.5)


def test_a_channel_that_refuses_and_an_address_that_is_none_stop_no_other(service):
    address, received = service
    urls = [f"{address}/broken", "nothing://", f"{address}/"]

    assert send(urls, "title", "text", AlertKind.FAILURE, patience_s=PATIENCE_S)
    assert len(received) == 2
    assert not send(urls[:2], "title", "text", AlertKind.FAILURE, patience_s=PATIENCE_S)
