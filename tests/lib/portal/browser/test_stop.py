"""A stop of the process while a browser is at work: carried out at once, with nothing left."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import psutil
import pytest

pytestmark = pytest.mark.integration

PROGRAM = """
import os
import sys
from pathlib import Path
from lib import errors, stop
from lib.config import PortalSettings
from lib.portal.browser import chromium

stop.listen()
settings = PortalSettings("", "", "", "/{store_code}", 1, 30, Path("state.json"), None, None)
try:
    with chromium.browser(settings, lives_s=60) as browser:
        page = browser.new_page()
        page.on("request", lambda request: print("asked", flush=True))
        PLACE
except BaseException as error:
    print(type(error).__name__, flush=True)
    sys.exit(errors.exit_code(error))
"""

#: Where the process is when the stop comes. In the last one it sends the signal to itself.
PLACES = {
    "waits for a page": "page.goto(sys.argv[1])",
    "waits for a script": "page.goto('about:blank'); page.evaluate(f'fetch({sys.argv[1]!r})')",
    "is in a callback of Playwright": (
        "page.on('request', lambda _: os.kill(os.getpid(), int(sys.argv[2])));"
        " page.goto(sys.argv[1])"
    ),
}


@pytest.fixture
def silent():
    """An address that never answers."""
    stopped = Event()

    class Silence(BaseHTTPRequestHandler):
        def do_GET(self):
            stopped.wait(60)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Silence) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        stopped.set()
        server.shutdown()


def left_of(group):
    """Return the processes of a group that still run."""
    found = []
    for process in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError):
            if os.getpgid(process.pid) == group and process.info["status"] != "zombie":
                found.append(process.pid)
    return found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_carried_out_with_75_and_no_process_is_left(silent, place, number):
    program = PROGRAM.replace("PLACE", PLACES[place])
    command = [sys.executable, "-c", program, silent, str(int(number))]

    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as job:
        while job.stdout.readline() != "asked\n":
            assert job.poll() is None

        if "callback" not in place:
            os.kill(job.pid, number)

        assert job.stdout.read().splitlines()[-1] == "Interrupted"
        assert job.wait() == 75

    assert left_of(job.pid) == []
