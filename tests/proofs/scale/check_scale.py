"""Three hosts that draw together, and all that may happen to them: `make test-scale`, as root.

The product's own scripts run in network namespaces of their own. Each test bounds what it waits for, and afterwards
every page is there, once.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from lib.reports.render import engines
from tests.proofs.privacy.canaries import INSTRUCTION, NAME, PHONE
from tests.proofs.scale.network import ADDRESSES, network
from tests.worker_hosts import (
    PATIENCE_S,
    Service,
    certificates,
    end_all,
    environment,
    page,
    scheduler,
    settings_of,
    worker,
)

ROWS, LONG = 900, 6_000
"""Of a page: a second of a processor, and some eight."""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces are root's to make")


class Hosts:
    """The three of them; the run is on the main one, with one drawing process."""

    def __init__(self, network, directory):
        self.network = network
        self.directory = directory
        self.tls = certificates(directory / "tls")
        self.draw = settings_of(ADDRESSES["main"], self.tls, processes=1)

    def place(self, host):
        return self.directory / host

    def start_scheduler(self):
        inside = self.network.inside("main")
        return scheduler(self.draw, ADDRESSES["main"], self.place("main"), inside)

    def start_worker(self, host, **more):
        inside = self.network.inside(host)
        return worker(self.draw, ADDRESSES[host], self.place(host), inside, **more)

    def run(self, pages, rows=ROWS, draw=None, words="a line of the page"):
        """Start a run of so many pages of as many rows on the main host."""
        return self.run_of([rows] * pages, draw, words)

    def run_of(self, rows, draw=None, words="a line of the page"):
        """Start a run of a page of each number of rows."""
        return Run(
            "tests.proofs.scale.run_of_pages",
            *(*map(str, rows), "--words", words),
            environ=environment(draw or self.draw, self.place("main")),
            directory=self.place("main"),
            before=self.network.inside("main"),
        )


class Run(Service):
    """A run of pages, by what it prints."""

    def messages(self):
        return [f"{line['level']}: {line['message']}" for line in self.lines() if "message" in line]

    def pages(self):
        return {line["page"]: line for line in self.lines() if "page" in line}

    def until(self, what, true):
        """Wait until it is true of the run; AssertionError after a hang."""
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < deadline, (what, self.log.read_text())
            time.sleep(0.02)

    def notices_after(self, happen):
        """Return after how many seconds it warns that what `happen` does has happened."""
        at = time.monotonic()
        happen()
        self.until("the loss", self.warnings)
        return time.monotonic() - at

    def finished(self):
        """Return its pages once it ended well."""
        assert self.process.wait(PATIENCE_S) == 0, self.log.read_text()
        return self.pages()

    def warnings(self):
        return [text for text in self.messages() if not text.startswith("info: ")]


@pytest.fixture
def hosts(tmp_path):
    with network() as made:
        yield Hosts(made, tmp_path)
        end_all()


def drawn_by(service):
    """Return how many pages a worker host has drawn."""
    return service.messages().count("a page is drawn")


def is_whole(pages, count, failed=0):
    """Whether each page is there with the bytes that are drawn here, but those that failed."""
    assert sorted(pages) == [*range(count)]
    good = {number: line["sha256"] for number, line in pages.items() if "sha256" in line}
    assert len(good) == count - failed, pages
    return good


def sha256_here(number, rows=ROWS, words="a line of the page"):
    return hashlib.sha256(engines.weasyprint(page(number, rows, words))).hexdigest()


def children(process):
    """Return the processes that a service has started."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    found = [int(pid) for pid in listed.split()]
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        found += [int(pid) for pid in (task / "children").read_text().split()]
    return {pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def report(capsys, **figures):
    """Show figures for docs/explanation/load.md."""
    with capsys.disabled():
        print("", *(f"{name} {value:.1f}" for name, value in figures.items()), end=" ")  # noqa: T201


def test_both_hosts_draw_the_same_bytes_and_nothing_else_listens(hosts, capsys):
    serving = hosts.start_scheduler()
    one, two = hosts.start_worker("one"), hosts.start_worker("two")

    assert hosts.network.listening("main") == {"10.213.0.1:8786"}
    assert hosts.network.listening("one") == {"10.213.0.2:8788"}
    assert hosts.network.listening("two") == {"10.213.0.3:8788"}

    words = f"{NAME} {PHONE} {INSTRUCTION}"
    run = hosts.run(12, rows=300, words=words)
    pages = run.finished()

    assert is_whole(pages, 12)[3] == sha256_here(3, 300, words)
    assert drawn_by(one)
    assert drawn_by(two)
    assert run.messages() == ["info: drawing on 2 worker hosts with 2 processes"]

    assert [service.stop() for service in (one, two, serving)] == [0, 0, 0]
    for needle in (NAME, PHONE, INSTRUCTION):
        assert not holding(hosts.directory, needle), needle
    assert left_behind(hosts) == []


def holding(directory, needle):
    """Return the files that hold the words, in any case."""
    wanted = needle.lower().encode()
    return [
        file
        for file in directory.rglob("*")
        if file.is_file() and wanted in file.read_bytes().lower()
    ]


def left_behind(hosts):
    """Return what lies in the hosts' scratch besides logs."""
    found = []
    for host in ADDRESSES:
        for path in hosts.place(host).iterdir():
            if path.suffix != ".log":
                found.append(path.name)
    return found


def test_nothing_is_on_a_worker_s_disk_while_it_draws(hosts):
    hosts.start_scheduler()
    one = hosts.start_worker("one")
    run = hosts.run(8, words=f"{NAME} {PHONE}")
    run.until("a page there", lambda: drawn_by(one) > 0)

    assert not holding(hosts.place("one"), NAME)
    assert not holding(hosts.place("main"), PHONE)
    is_whole(run.finished(), 8)


class LongPage:
    """A run of which a long page is being drawn on one worker host while the other one has nothing to do."""

    def __init__(self, hosts):
        self.hosts = hosts
        hosts.start_scheduler()
        both = hosts.start_worker("one"), hosts.start_worker("two")
        # The first page is for the main host itself; of the others one is short.
        self.run = hosts.run_of([1, 1, LONG])
        self.run.until("the short page", lambda: any(map(drawn_by, both)))
        self.idle, self.busy = sorted(both, key=drawn_by, reverse=True)
        self.name = {both[0]: "one", both[1]: "two"}[self.busy]
        assert not drawn_by(self.busy)

    def begun_again_after(self, happened_at):
        """Return how long after that instant the idle host began with the page; all three are there."""
        is_whole(self.run.finished(), 3)
        assert self.run.warnings() == []
        assert drawn_by(self.idle) == 2
        last = [line for line in self.idle.lines() if line["message"] == "a page is drawn"][-1]
        ended_at = datetime.fromisoformat(last["ts"]).timestamp()
        return ended_at - last["duration_ms"] / 1000 - happened_at


def test_a_killed_host_s_page_is_drawn_again_at_once(hosts, capsys):
    state = LongPage(hosts)
    at = time.time()
    state.busy.send(signal.SIGKILL)
    took = state.begun_again_after(at)

    report(capsys, killed_begun_again_s=took)
    assert took < 5


@pytest.mark.parametrize("how", ["frozen", "cut off"])
def test_a_silent_host_s_page_is_drawn_again_elsewhere(hosts, capsys, how):
    state = LongPage(hosts)
    at = time.time()
    if how == "frozen":
        state.busy.send(signal.SIGSTOP)
    else:
        hosts.network.pull(state.name)
    took = state.begun_again_after(at)

    report(capsys, **{f"{how}_begun_again_s": took})
    assert took < 45


def test_the_last_host_s_page_is_drawn_here_once_it_is_killed(hosts, capsys):
    hosts.start_scheduler()
    one = hosts.start_worker("one")
    run = hosts.run(6)
    run.until("a page there", lambda: drawn_by(one) > 0)
    noticed = run.notices_after(lambda: one.send(signal.SIGKILL))
    is_whole(run.finished(), 6)

    report(capsys, last_host_noticed_s=noticed)
    assert noticed < 5
    [warning] = run.warnings()
    assert "none of this release is left; this host draws the rest alone" in warning


def test_a_killed_drawing_process_costs_its_page_and_nothing_else(hosts):
    hosts.start_scheduler()
    one = hosts.start_worker("one")
    run = hosts.run(8)
    run.until("a page there", lambda: drawn_by(one) > 0)
    for pid in children(one.process):
        os.kill(pid, signal.SIGKILL)
    pages = run.finished()

    is_whole(pages, 8, failed=1)
    assert drawn_by(one) > 1
    [reason] = [line["failed"] for line in pages.values() if "failed" in line]
    assert reason == "the process that drew the page ended (out of memory?)"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_without_its_scheduler_a_run_draws_the_rest_here(hosts, capsys, number):
    serving = hosts.start_scheduler()
    one, two = hosts.start_worker("one"), hosts.start_worker("two")
    run = hosts.run(10)
    run.until("a page of each host", lambda: drawn_by(one) and drawn_by(two))
    noticed = run.notices_after(lambda: serving.send(number))
    # A new one a second later is ignored by this run: what hangs in between is drawn here.
    serving.process.wait(20)
    again = hosts.start_scheduler()
    is_whole(run.finished(), 10)

    report(capsys, scheduler_lost_noticed_s=noticed)
    assert noticed < 5
    [warning] = run.warnings()
    assert "this host draws the rest alone" in warning
    assert one.process.wait(20) == two.process.wait(20) == 75
    assert again.process.poll() is None


def test_a_frozen_scheduler_holds_nothing_up_for_long(hosts, capsys):
    serving = hosts.start_scheduler()
    one = hosts.start_worker("one")
    run = hosts.run(6)
    run.until("a page there", lambda: drawn_by(one) > 0)
    noticed = run.notices_after(lambda: serving.send(signal.SIGSTOP))
    is_whole(run.finished(), 6)

    report(capsys, scheduler_frozen_noticed_s=noticed)
    assert noticed < 30
    [warning] = run.warnings()
    assert "their scheduler does not answer" in warning


def test_a_host_of_another_release_gets_no_page(hosts, tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg/>")
    hosts.start_scheduler()
    one = hosts.start_worker("one")
    two = hosts.start_worker("two", PDF_LOGO=str(logo))
    run = hosts.run(6, rows=300)
    is_whole(run.finished(), 6)

    assert drawn_by(one)
    assert not drawn_by(two)
    [warning] = run.warnings()
    assert "another release is on 10.213.0.3" in warning


@pytest.mark.parametrize("who", ["run", "worker"])
def test_a_certificate_of_another_ca_is_refused(hosts, who):
    hosts.start_scheduler()
    one = hosts.start_worker("one")
    ca, _ = hosts.tls
    _, stranger = certificates(hosts.directory / "other")
    other = settings_of(ADDRESSES["main"], (ca, stranger), processes=1)

    if who == "run":
        run = hosts.run(3, rows=100, draw=other)
        is_whole(run.finished(), 3)
        assert "drawing here alone" in run.warnings()[0]
        assert not drawn_by(one)
        return

    refused = Service(
        "jobs.draw",
        *("--address", ADDRESSES["two"]),
        environ=environment(other, hosts.place("two")),
        directory=hosts.place("two"),
        before=hosts.network.inside("two"),
    )
    assert refused.process.wait(PATIENCE_S) == 75
    assert "or it refuses this host's certificate" in refused.messages()[-1]


PLAIN = """
import sys
from distributed import Client
try:
    Client(sys.argv[1], timeout=3)
except OSError as error:
    sys.exit("refused")
"""


def test_nobody_is_let_in_without_encryption(hosts):
    hosts.start_scheduler()
    hosts.start_worker("one")
    for address in ("tcp://10.213.0.1:8786", "tcp://10.213.0.2:8788"):
        command = [*hosts.network.inside("two"), sys.executable, "-c", PLAIN, address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.stderr.splitlines()[-1:] == ["refused"]


def test_a_false_scheduler_gets_no_page(hosts):
    echo = [sys.executable, "-c", ECHO, ADDRESSES["main"]]
    false = subprocess.Popen(
        [*hosts.network.inside("main"), *echo], stdout=subprocess.PIPE, text=True
    )
    try:
        assert false.stdout.readline() == "listening\n"
        run = hosts.run(3, rows=100, words=NAME)
        is_whole(run.finished(), 3)
    finally:
        false.kill()
        heard, _ = false.communicate(timeout=20)
    assert "drawing here alone" in run.warnings()[0]
    assert NAME not in heard


ECHO = """
import socketserver, sys

class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for chunk in iter(lambda: self.rfile.read1(65536), b""):
            print(chunk, flush=True)
            self.wfile.write(chunk)

with socketserver.ThreadingTCPServer((sys.argv[1], 8786), Echo) as server:
    print("listening", flush=True)
    server.serve_forever()
"""
