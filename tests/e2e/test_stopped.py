"""A run that is asked to stop, whatever it waits for.

It ends in time, says what it owes, and the next one does it.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text

from demo.mailbox import SILENCE
from demo.portal import Endpoint, Fault, Kind
from lib import dates, stop
from lib.db.tables import documents, notification_deliveries, pipeline_run_summaries
from tests.factories.tables import add_day, add_store
from tests.fakes.scripted_mailbox import scripted_mailbox
from tests.fork_server import client as fork_server
from tests.plugins.chain import ROOT, mailed_reports

DOCKER_WAITS_S = 10
"""Before `docker stop` kills."""
PATIENCE_S = 60
"""For a stop, on a machine that has no time for it."""
LONG_S = 600
"""What a stop would take that hangs in anything."""


class Forked:
    """A job in a fork (tests/fork_server): where its processes are its own and nothing else."""

    def __init__(self, chain, job):
        self._running = fork_server.server().start(
            f"jobs.{job}",
            [],
            cwd=ROOT,
            environ=chain.environment,
            is_drawn=chain.is_drawn,
        )

    def wait_for(self, words):
        while words not in self._printed():
            assert self._running.is_running() or words in self._printed(), self._printed()
            time.sleep(0.01)

    def ask(self):
        """Ask it to stop."""
        self._running.send_signal(signal.SIGTERM)

    def stop(self):
        """Ask it to stop; return its exit code, which must come long before anything that hangs."""
        with closing(self._running):
            self.ask()
            return self._running.wait(PATIENCE_S)

    def _printed(self):
        return self._running.output()[0]


class Program:
    """A job with an interpreter and drawing processes of its own; its log lines come one by one."""

    def __init__(self, chain, job):
        environment = chain.environment | {"PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", f"jobs.{job}"]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.lines = []

    def wait_for(self, words):
        for line in self.process.stdout:
            self.lines.append(line)
            if words in line:
                return
        raise AssertionError(f"the job ended without saying {words!r}: {self.lines}")

    def stop(self):
        """Ask it to stop; return its exit code, which must come long before anything that hangs."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=PATIENCE_S)
        finally:
            self.process.kill()
        return self.process.returncode


def wait_until(happened):
    """Look again and again until something happens that nobody tells us of."""
    while not happened():
        time.sleep(0.01)


def run_rows(chain):
    columns = ("overall_status", "closes", "summary_text")
    with chain.engine.connect() as connection:
        query = select(*(pipeline_run_summaries.c[name] for name in columns)).order_by(
            pipeline_run_summaries.c.id
        )
        return list(connection.execute(query))


def made(chain):
    with chain.engine.connect() as connection:
        return sorted(
            connection.execute(
                select(documents.c.reference_id_3).where(documents.c.status == "ok")
            ).scalars()
        )


def states(chain):
    """Return the state of each message, once where its readers agree."""
    query = select(notification_deliveries.c.message_id, notification_deliveries.c.state).distinct()
    with chain.engine.connect() as connection:
        return sorted(row.state for row in connection.execute(query))


def test_the_process_leaves_before_docker_kills_it():
    assert 0 < stop.CANCEL_AFTER_S < stop.EXIT_AFTER_S < DOCKER_WAITS_S


@pytest.mark.parametrize(
    ("endpoint", "until"),
    [
        pytest.param(Endpoint.LOGIN, "run started", id="the browser waits for the login page"),
        pytest.param(Endpoint.MISSED_LEADS, "login ended", id="threads wait for exports"),
        pytest.param(Endpoint.DASHBOARD, "login ended", id="threads wait for dashboards"),
    ],
)
def test_a_stop_while_the_portal_is_silent(request, chain, endpoint, until):
    if endpoint is not Endpoint.LOGIN:
        request.getfixturevalue("saved_session")
    stores = chain.stores if endpoint is not Endpoint.LOGIN else [None]
    if endpoint is Endpoint.DASHBOARD:
        # the login proves its session on the first dashboard, so that one answers
        stores = stores[1:]
    for store in stores or [None]:
        chain.portal.control.add(Fault(Kind.DELAY, endpoint, store=store, seconds=LONG_S))
    job = Forked(chain, "daily")
    job.wait_for(until)
    wait_until(lambda: chain.portal.control.requests(endpoint, stores[-1]) > 0)

    assert job.stop() == 75

    [row] = run_rows(chain)
    assert (row.overall_status, row.closes) == ("error", False)
    assert "stopped by SIGTERM" in row.summary_text


@pytest.mark.usefixtures("saved_session")
def test_a_stop_while_a_statement_waits_at_the_database(chain):
    with chain.engine.connect() as blocker:
        blocker.execute(text("LOCK TABLE missed_leads IN ACCESS EXCLUSIVE MODE"))
        job = Forked(chain, "daily")
        job.wait_for("merge ended")
        wait_until(lambda: blocker.execute(WAITING).scalar_one())

        assert job.stop() == 75

    [row] = run_rows(chain)
    assert row.overall_status == "error"
    assert "stopped by SIGTERM" in row.summary_text


WAITING = text(
    "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'missed_leads'::regclass"
)


@pytest.mark.usefixtures("saved_session", "undrawn")
def test_a_stop_while_the_mail_server_is_silent_leaves_the_reports_and_owes_the_mails(chain):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        chain.environment["REPORT_EMAIL_SMTP_PORT"], port = (
            str(silent.getsockname()[1]),
            chain.mailbox.port,
        )
        job = Forked(chain, "daily")
        connection, _ = silent.accept()
        with connection:
            assert job.stop() == 75

    assert made(chain) == ["A668", "A817", "ALL"]
    [row] = run_rows(chain)
    assert (row.overall_status, row.closes) == ("error", False)
    requests = chain.portal.control.requests()

    again = chain.run("daily", REPORT_EMAIL_SMTP_PORT=str(port))

    assert again.code == 0, again.output
    assert chain.portal.control.requests() == requests, "nothing is fetched again"
    assert made(chain) == ["A668", "A817", "ALL"], "nothing is made again"
    assert [code for code, _ in mailed_reports(chain)] == ["A668", "A817", "ALL"]


@pytest.mark.usefixtures("saved_session", "undrawn")
def test_a_stop_while_the_mail_server_decides_waits_for_its_word(chain):
    answer = threading.Event()

    def decide():
        answer.wait(PATIENCE_S)
        return "250 taken"

    with scripted_mailbox(DOT=decide) as server:
        chain.environment["REPORT_EMAIL_SMTP_PORT"] = str(server.port)
        job = Forked(chain, "daily")
        wait_until(lambda: "DOT" in server.heard)
        job.ask()
        answer.set()
        assert job.stop() == 75
        assert set(states(chain)) == {"sent", "pending"}, (
            "the mail whose answer came is not uncertain"
        )

        again = chain.run("daily")

    assert again.code == 0, again.output
    assert set(states(chain)) == {"sent"}
    assert len(set(server.taken)) == len(server.taken), "no mail came twice"


@pytest.mark.usefixtures("saved_session", "undrawn")
def test_a_stop_while_the_mail_server_never_decides_ends_in_time_and_owns_up(chain):
    with scripted_mailbox(DOT=SILENCE) as server:
        chain.environment["REPORT_EMAIL_SMTP_PORT"] = str(server.port)
        job = Forked(chain, "daily")
        wait_until(lambda: "DOT" in server.heard)
        assert job.stop() == 75

    assert states(chain) == ["pending", "pending", "pending", "uncertain"]
    [row] = run_rows(chain)
    assert row.overall_status == "error"
    assert "stopped by SIGTERM" in row.summary_text


def test_a_stop_while_reports_are_drawn(chain):
    last = dates.last_complete_week(chain.portal.control.today).last
    for code in ("A668", "A817"):
        add_store(chain.engine, code)
        add_day(chain.engine, last, code, ftd_revenue=1000)
    job = Program(chain, "weekly")
    job.wait_for("run started")

    assert job.stop() == 75

    [row] = run_rows(chain)
    assert (row.overall_status, row.closes) == ("error", False)
    assert "stopped by SIGTERM" in row.summary_text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=str)
def test_a_stop_at_the_terminal_while_reports_are_drawn_calls_none_of_them_failed(chain, number):
    last = dates.last_complete_week(chain.portal.control.today).last
    for code in ("A668", "A817"):
        add_store(chain.engine, code)
        add_day(chain.engine, last, code, ftd_revenue=1000)
    job = Program(chain, "weekly")
    job.wait_for("run started")
    children = Path(f"/proc/{job.process.pid}/task")
    wait_until(lambda: any(file.read_text() for file in children.glob("*/children")))

    # A terminal sends it to the processes that draw as well.
    os.killpg(job.process.pid, number)
    out, errors = job.process.communicate(timeout=PATIENCE_S)

    assert (job.process.returncode, errors) == (75, ""), out
    assert "the report failed" not in "".join(job.lines) + out
    with chain.engine.connect() as connection:
        statuses = set(connection.execute(select(documents.c.status)).scalars())
    assert statuses <= {"ok"}
    [row] = run_rows(chain)
    assert f"stopped by {number.name}" in row.summary_text
