"""Each stage of SMTP with refusal, drop and SIGKILL of our process.

Nothing is lost, nothing is doubled unseen.
"""

from __future__ import annotations

import os
import signal
import ssl
from collections import Counter
from pathlib import Path
from threading import Event

import pytest
import stamina
import trustme
from sqlalchemy import select

from demo.mailbox import DROP, run_mailbox
from lib.config.settings import MailSettings
from lib.db.tables import notification_deliveries as deliveries
from lib.model import Status
from lib.notify import send_notifications_for_run
from tests.factories.notify import PIPELINE, RUN_ID
from tests.factories.notify_rows import add_report, add_run, settings
from tests.fork_server import client as fork_server

ROOT = Path(__file__).parents[3]
STAGES = [
    "GREETING",
    "EHLO",
    "STARTTLS",
    "AUTH",
    "MAIL",
    "RCPT1",
    "RCPT2",
    "RCPT6",
    "DATA",
    "DOT",
    "MAIL2",
]
"""In the order of the dialogue.

MAIL2 comes right after the first mail's 250, RCPT6 only in a store's mail.
"""
FAULTS = {"4xx": "451 4.3.0 later", "5xx": "550 5.0.0 never", "drop": DROP}
DELIVERIES = 15
"""Three operators, and six readers of each of two stores."""
PATIENCE_S = 60


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    ca = trustme.CA()
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(file)
    return ca, str(file)


@pytest.fixture
def box(authority, monkeypatch, tmp_path):
    """A server with STARTTLS and AUTH whose `replies` may be changed while it runs."""
    ca, file = authority
    monkeypatch.setenv("SSL_CERT_FILE", file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    with run_mailbox(tmp_path / "mail", starttls=context, login=("u", "p")) as server:
        yield server


@pytest.fixture
def send(engine, box, tmp_path):
    """Plan and deliver in this process, to the box."""
    add_run(engine)
    for store_code in ("A668", "A817"):
        add_report(engine, tmp_path, store_code)
    mail = MailSettings(
        "127.0.0.1", box.port, "reports@example.invalid", use_tls=True, username="u", password="p"
    )

    def send_once():
        with stamina.set_testing(True, attempts=3, cap=True):
            configured = settings(tmp_path, mail)
            return send_notifications_for_run(PIPELINE, RUN_ID, engine=engine, settings=configured)

    return send_once


def states(engine) -> dict[tuple[str, str], str]:
    """Return the state of each delivery by Message-ID and recipient."""
    with engine.connect() as connection:
        rows = connection.execute(
            select(deliveries.c.message_id, deliveries.c.recipient, deliveries.c.state)
        )
        return {(row.message_id, row.recipient): row.state for row in rows}


def require_nothing_lost_or_doubled(engine, box) -> Counter:
    """Compare the outbox with what the server took.

    Return how many mails have a delivery in which state.
    """
    promised, taken = states(engine), Counter(box.taken)
    assert len(promised) == DELIVERIES
    assert taken.keys() <= promised.keys()
    for delivery, state in promised.items():
        allowed = {"sent": {1}, "failed": {0}, "uncertain": {0, 1}}[state]
        assert taken[delivery] in allowed, (
            f"{delivery} is {state} and was taken {taken[delivery]} times"
        )
    return Counter(
        state for _, state in {(message_id, state) for (message_id, _), state in promised.items()}
    )


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_lasts_a_whole_run(engine, box, send, stage, fault):
    box.replies = {stage: FAULTS[fault]}
    send()
    box.replies = {}
    second = send()

    by_state = require_nothing_lost_or_doubled(engine, box)
    # Of all mails at once, a refusal says nothing about a mail: they stay owed.
    is_final = fault == "5xx" and stage == "RCPT6"
    drops_after_dot = 3 if (stage, fault) == ("DOT", "drop") else 0
    assert by_state["uncertain"] == drops_after_dot
    assert (by_state["failed"] > 0) == is_final
    assert second.status is (Status.WARNING if is_final or drops_after_dot else Status.OK)


@pytest.mark.parametrize("stage", STAGES)
def test_a_connection_that_drops_once(engine, box, send, stage):
    left = [DROP]
    box.replies = {stage: lambda: left.pop() if left else None}
    send()
    box.replies = {}
    send()

    by_state = require_nothing_lost_or_doubled(engine, box)
    assert by_state["uncertain"] == (1 if stage == "DOT" else 0)
    assert by_state["failed"] == 0


@pytest.mark.parametrize(
    ("stage", "uncertain"),
    [(stage, 1 if stage == "DOT" else 0) for stage in STAGES] + [("after the 250", 1)],
)
def test_sigkill_of_our_process(engine, database, box, send, authority, tmp_path, stage, uncertain):
    reached = Event()
    job = Job()

    def kill() -> str:
        job.signal(signal.SIGKILL)
        job.process.wait(PATIENCE_S)
        reached.set()
        return DROP

    def freeze_and_answer() -> str:
        job.signal(signal.SIGSTOP)
        reached.set()
        return "250 taken"

    box.replies = {"DOT": freeze_and_answer} if stage == "after the 250" else {stage: kill}
    job.start(database, box.port, tmp_path, authority[1])
    try:
        assert reached.wait(PATIENCE_S), job.process.output()
    finally:
        job.signal(signal.SIGKILL)
        job.process.wait(PATIENCE_S)
        job.process.close()
    box.replies = {}
    result = send()

    by_state = require_nothing_lost_or_doubled(engine, box)
    assert by_state["uncertain"] == uncertain
    assert by_state["failed"] == 0
    assert result.status is (Status.WARNING if uncertain else Status.OK)


class Job:
    """`jobs.notify` in a process of its own, which a server's hook may kill while it talks to it."""

    process: fork_server.Running

    def __init__(self):
        self._is_known = Event()

    def signal(self, number):
        """Send it the signal; it may have connected before we know of its start."""
        assert self._is_known.wait(PATIENCE_S)
        self.process.send_signal(number)

    def start(self, database, port, volumes, certificates):
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database,
            "REPORTS_ROOT": str(volumes),
            "REPORT_EMAIL_SMTP_HOST": "127.0.0.1",
            "REPORT_EMAIL_SMTP_PORT": str(port),
            "REPORT_EMAIL_SMTP_USERNAME": "u",
            "REPORT_EMAIL_SMTP_PASSWORD": "p",
            "REPORT_EMAIL_FROM": "reports@example.invalid",
            "SSL_CERT_FILE": certificates,
        }
        self.process = fork_server.server().start(
            "jobs.notify", ["--run-id", RUN_ID], cwd=volumes, environ=environment
        )
        self._is_known.set()
