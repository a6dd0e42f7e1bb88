"""A service that takes what Apprise posts."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_S = 30


class Channel:
    """What the service has taken, and how it answers; both may be changed at any time."""

    def __init__(self):
        self.url = ""
        self.received = []
        self.arrived = threading.Event()
        self.status = 200
        self.answers = threading.Event()
        """An answer waits until it is set, as it is at first."""
        self.answers.set()


@contextmanager
def serving():
    """Yield a channel that is served until the end of the block."""
    channel = Channel()

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            channel.received.append(
                json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            )
            channel.arrived.set()
            channel.answers.wait(PATIENCE_S)
            self.send_response(channel.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    channel.url = f"json://t0ken@127.0.0.1:{server.server_port}/"
    worker = threading.Thread(target=server.serve_forever)
    worker.start()
    try:
        yield channel
    finally:
        channel.answers.set()
        server.shutdown()
        worker.join()
        server.server_close()
