"""A body without length whose connection ends: read, and never called whole."""

from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from lib import portal
from lib.model import Bucket
from lib.portal import StoreGap
from lib.portal.session.storage_state import SessionState

pytestmark = pytest.mark.integration

ROWS = b"order_no,store_code\nT1,A668\nT2,A668\n"


@contextmanager
def server(settings, *replies, protocol="HTTP/1.0", length=None):
    """Give settings of a TMS that sends these bodies, the last one again and again."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = protocol

        def do_GET(self):
            body = replies[min(len(asked), len(replies) - 1)]
            asked.append(self.path)
            self.send_response(200)
            self.send_header("content-type", "text/csv;charset=UTF-8")
            if length is not None:
                self.send_header("content-length", str(length))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield replace(settings, tms_base=f"http://127.0.0.1:{running.server_port}"), asked
        running.shutdown()


def download(settings, directory):
    with portal.connect(settings) as client:
        client._transport.use(SessionState(()))
        return client.download("A668", Bucket.UNDELIVERED_ALL, directory)


@pytest.mark.parametrize("protocol", ["HTTP/1.0", "HTTP/1.1"])
def test_without_a_length_it_is_not_proven_whole(settings, tmp_path, protocol):
    with server(settings, ROWS, protocol=protocol) as (place, _):
        saved = download(place, tmp_path)

    assert saved.is_proven_whole is False
    assert saved.path.read_bytes() == ROWS


def test_with_a_length_it_is(settings, tmp_path):
    with server(settings, ROWS, length=len(ROWS)) as (place, _):
        assert download(place, tmp_path).is_proven_whole is True


def test_less_than_the_length_is_asked_for_again_and_then_refused(settings, tmp_path):
    with (
        server(settings, ROWS, length=len(ROWS) + 1) as (place, asked),
        pytest.raises(StoreGap, match="the connection broke"),
    ):
        download(place, tmp_path)

    assert len(asked) == 3


def test_one_that_ends_in_a_row_is_asked_for_again(settings, tmp_path):
    with server(settings, ROWS[:-6], ROWS) as (place, asked):
        assert download(place, tmp_path).path.read_bytes() == ROWS

    assert len(asked) == 2
