"""A service that takes what Apprise posts."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_S = 30


@contextmanager
def serving(answers):
    """Yield the address of a channel, and what it has taken; it answers when `answers` is set."""
    received, arrived = [], threading.Event()

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            arrived.set()
            answers.wait(PATIENCE_S)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    worker = threading.Thread(target=server.serve_forever)
    worker.start()
    try:
        yield f"json://t0ken@127.0.0.1:{server.server_port}/", received, arrived
    finally:
        answers.set()
        server.shutdown()
        worker.join()
        server.server_close()
