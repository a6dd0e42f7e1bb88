"""The little world in which runs are disturbed.

Two stores, their portal, a mail sink, a database, and volumes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, Table, case, create_engine, delete, func, make_url, select, text
from sqlalchemy.exc import OperationalError

from demo.mailbox import Mailbox, run_mailbox
from demo.portal import RunningPortal, run_portal
from demo.portal.world import World
from lib.db.tables import documents, metadata, notification_recipients
from tests import dovecot
from tests.databases import Server
from tests.dovecot import ImapServer
from tests.factories import returned_forms
from tests.factories.replies import reply
from tests.factories.tables import add_day, add_store
from tests.proofs.faults.points import OF_DEADLINE, Arm, Door, Point, numbered

ROOT = Path(__file__).parents[3]
TODAY = date(2025, 11, 17)
"""A Monday: yesterday ended a week."""
MORNING = datetime(2025, 11, 17, 1, 30, tzinfo=UTC)
STORES = ("A668", "A817")
RETRY_PAUSE = timedelta(minutes=15)
"""From one start of a job to the next (deploy/host/attempts)."""
RECOVERY_S = 30
NO_FORM = b"no PDF"
COMMENT = "Leave it with the grandmother downstairs"
"""One of the texts that the privacy sweep looks for."""
SETTLED = "options=-csynchronous_commit%3Don"
"""A server of the tests loses its last commits when it crashes; one that people use does not."""


END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();
SET LOCAL session_replication_role = replica
"""
"""With the last run's sessions gone, rows may come and go in any order."""


@dataclass(frozen=True)
class Case:
    """A job, and what there is before it starts."""

    job: str
    flags: tuple[str, ...] = ()
    has_session: bool = True
    """The portal's saved session is good, so that no browser starts."""
    doors: tuple[Door, ...] = tuple(Door)
    """At which faults are tried; the others are those of another case."""
    of: str = ""
    """How the labels of the points begin at which faults are tried."""
    settings: Mapping[str, str] = field(default_factory=dict)
    has_imap: bool = False
    """Forms come back by mail, to a real IMAP server."""
    then: tuple[str, ...] = ()
    """Jobs that are started when the job has ended well: what its timers start next."""


CASES = {
    "daily": Case("daily"),
    "login": Case("daily", has_session=False, doors=(Door.BROWSER, Door.PORTAL)),
    # Six o'clock is over when the morning begins.
    "deadline": Case("daily", of=OF_DEADLINE, settings={"DEADLINE_DAILY": "06:00"}),
    "weekly": Case("weekly"),
    "notify": Case(
        "notify", ("--pipeline", "simplify_dashboard_daily", "--report-date", "2025-11-16")
    ),
    "returns": Case("returns", then=("returns", "notify")),
    "returned-mails": Case("returns", has_imap=True, then=("returns", "notify")),
}


def is_possible(name: str) -> bool:
    """Return False for a case whose server is not installed here."""
    return dovecot.PROGRAM is not None or not CASES[name].has_imap


@dataclass(frozen=True)
class Ending:
    """How one start of a job ended."""

    code: int
    """Minus the signal that ended it, if one did."""
    output: str
    sprung: bool
    """The armed fault struck."""

    @property
    def events(self) -> list[dict]:
        return [json.loads(line) for line in self.output.splitlines() if line.startswith("{")]


@dataclass
class Scene:
    """One case's world; `reset` makes it as it was before the first start."""

    name: str
    server: Server
    portal: RunningPortal
    mailbox: Mailbox
    directory: Path
    database: str
    imap: ImapServer | None = None
    starts: int = 0
    morning: datetime = MORNING
    """When the first start is."""
    _workers: subprocess.Popen[str] | None = None

    @property
    def case(self) -> Case:
        return CASES[self.name]

    @property
    def volumes(self) -> Path:
        return self.directory / "volumes"

    @property
    def url(self) -> str:
        return f"{self.server.url_of(self.database)}?{SETTLED}"

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        door = create_engine(make_url(self.url).set(drivername="postgresql+psycopg2"))
        try:
            yield door
        finally:
            door.dispose()

    def remember(self) -> None:
        """Take what the database holds now as what was before the case's job."""
        with self.engine() as engine, engine.begin() as connection:
            connection.execute(text("DROP SCHEMA IF EXISTS before CASCADE; CREATE SCHEMA before"))
            for table in metadata.tables:
                connection.execute(text(f"CREATE TABLE before.{table} AS TABLE public.{table}"))

    def reset(self) -> None:
        """Go back to what was before the case's job started for the first time."""
        self.starts = 0
        with self.engine() as engine, engine.begin() as connection:
            connection.execute(text(END_OTHERS))
            # Rows, not databases: to copy one takes longer than a whole run.
            connection.execute(
                text("; ".join(_restored(table) for table in metadata.tables.values()))
            )
        self.volumes.mkdir(exist_ok=True)
        for place in self.volumes.iterdir():
            shutil.rmtree(place)
        shutil.copytree(self.directory / "before", self.volumes, dirs_exist_ok=True)
        for mail in self.mailbox.directory.iterdir():
            mail.unlink()

    def start(
        self,
        arm: Arm | None = None,
        *,
        job: str | None = None,
        flags: tuple[str, ...] = (),
        **changes: str,
    ) -> Ending:
        """Start the case's job (or another one), RETRY_PAUSE after the last start, with a fault armed or none."""
        out, trace = self.directory / "out", self.directory / "trace"
        trace.unlink(missing_ok=True)
        request = {
            "job": job or self.case.job,
            "flags": flags if job else self.case.flags,
            "environment": self._environment() | changes,
            "volumes": str(self.volumes),
            "now": (self.morning + self.starts * RETRY_PAUSE).isoformat(),
            "arm": arm and {"fault": arm.fault, **arm.point._asdict()},
            "browser": not self.case.has_session,
            "out": str(out),
            "trace": str(trace),
        }
        self.starts += 1
        code = self._ask(request)
        self._await_server()
        return Ending(code, out.read_text(), trace.exists())

    def go_on(self) -> list[Ending]:
        """Start what follows the case's job, undisturbed."""
        return [self.start(job=job) for job in self.case.then]

    def points(self) -> list[Point]:
        """Return the points of an undisturbed run, which is made now, in the order of their numbers.

        What follows the job is done, too.
        """
        self.reset()
        assert self.start().code == 0, (self.directory / "out").read_text()
        lines = (self.directory / "trace").read_text().splitlines()
        for ending in self.go_on():
            assert ending.code == 0, ending.output
        return numbered(
            Point(Door(door), label, int(nth))
            for door, label, nth in (line.split("\t") for line in lines)
        )

    def _await_server(self) -> None:
        """Let a server that crashed come back: the scheduler's pause is longer than that."""
        for _ in range(RECOVERY_S * 20):
            with suppress(OperationalError), self.server.administrator():
                return
            time.sleep(0.05)
        raise AssertionError("the server did not come back")

    def _ask(self, request: dict) -> int:
        if self._workers is None:
            self._workers = subprocess.Popen(
                [sys.executable, "-m", "tests.proofs.faults.child_processes"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert self._workers.stdout.readline() == "ready\n"
        print(json.dumps(request), file=self._workers.stdin, flush=True)
        return int(self._workers.stdout.readline())

    def close(self) -> None:
        if self._workers:
            self._workers.stdin.close()
            self._workers.stdout.close()
            self._workers.wait()

    def _environment(self) -> dict[str, str]:
        kept = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "LANG", "BROWSER_EXECUTABLE")
            if name in os.environ
        }
        places = {
            name: str(self.volumes / name.lower())
            for name in ("DATA_DIR", "REPORTS_ROOT", "PROFILES_DIR", "LOGS_DIR")
        }
        return (
            kept
            | self.portal.settings
            | self._returns()
            | self.case.settings
            | places
            | {
                "TMPDIR": str(self.volumes / "tmp"),
                "DATABASE_URL": self.url,
                "PORTAL_CONCURRENCY": "1",
                "PORTAL_NETWORK_WAIT_SECONDS": "1",
                "REPORT_EMAIL_SMTP_HOST": self.mailbox.host,
                "REPORT_EMAIL_SMTP_PORT": str(self.mailbox.port),
                "REPORT_EMAIL_FROM": "reports@example.invalid",
                "REPORT_EMAIL_USE_TLS": "false",
            }
        )

    def _returns(self) -> dict[str, str]:
        """Return where forms come back to, in the cases that are about it."""
        if self.imap:
            return {
                "RETURNS_IMAP_URL": self.imap.url(),
                "SSL_CERT_FILE": str(self.imap.certificate),
            }
        if self.case.job == "returns":
            return {"RETURNS_DIR": str(self.volumes / "returns_dir")}
        return {}


@contextmanager
def scene(name: str, server: Server, migrated: str, directory: Path) -> Iterator[Scene]:
    """Set the scene of a case; `migrated` is a database without anything in it, to copy from."""
    with (
        run_portal(World(stores=2, scale=0.03), today=TODAY, is_warm=True) as portal,
        run_mailbox(directory / "mails") as mailbox,
        server.database(migrated) as database,
        _imap_server(CASES[name]) as imap,
    ):
        here = Scene(name, server, portal, mailbox, directory, database, imap)
        make_volumes(directory / "before")
        if here.case.has_session:
            state = directory / "before" / "profiles_dir" / "storage_state.json"
            state.touch(mode=0o600)
            state.write_text(json.dumps(portal.storage_state()))
        try:
            _before(name, here)
            yield here
        finally:
            here.close()


@contextmanager
def _imap_server(case: Case) -> Iterator[ImapServer | None]:
    if not case.has_imap:
        yield None
        return

    # The ordinary user that Dovecot runs as may enter no directory of ours.
    with tempfile.TemporaryDirectory(prefix="imap-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        with dovecot.running(Path(name)) as server:
            yield server


def make_volumes(before: Path) -> None:
    """Make the folders that a job is given."""
    for name in ("data_dir", "reports_root", "profiles_dir", "logs_dir", "returns_dir", "tmp"):
        (before / name).mkdir(mode=0o700, parents=True)


def _before(name: str, here: Scene) -> None:
    """Let happen what comes before the job.

    A week of dashboards, a morning without a mail server, or a morning and the forms that came
    back.
    """
    with here.engine() as engine:
        let_few_read(engine)
        if name == "weekly":
            _keep_dashboards(engine)
    here.remember()
    if name == "notify":
        here.reset()
        assert here.start(job="daily", REPORT_EMAIL_SMTP_PORT="1").code == 75
        _remember_all(here)
    if here.case.job == "returns":
        here.reset()
        assert here.start(job="daily", flags=("--no-notify",)).code == 0
        _let_forms_come_back(here)
        _remember_all(here)


def _remember_all(here: Scene) -> None:
    here.remember()
    shutil.rmtree(here.directory / "before")
    shutil.copytree(here.volumes, here.directory / "before")


def _let_forms_come_back(here: Scene) -> None:
    """Bring back a form of the morning's report and something that is none, twice the same by mail."""
    query = (
        select(
            documents.c.reference_id_2,
            documents.c.doc_date,
            notification_recipients.c.email_address,
        )
        .join(documents, documents.c.reference_id_3 == notification_recipients.c.store_code)
        .where(documents.c.reference_id_3 == STORES[0])
        .limit(1)
    )
    with here.engine() as engine, engine.connect() as connection:
        run_id, on, reader = connection.execute(query).one()

    ticked, typed = (
        ["undelivered_delivered_1", "missed_lead_converted_2"],
        {"undelivered_comment_3": COMMENT},
    )
    form = returned_forms.renamed(
        returned_forms.filled(ticked, typed),
        storecode=STORES[0],
        period=on.isoformat(),
        runid=run_id,
    )

    if here.imap:
        for mail in (reply(form, NO_FORM, sender=reader), reply(NO_FORM, sender=reader)):
            here.imap.deliver(mail, MORNING - timedelta(hours=1))
        return

    for name, content in {"form.pdf": form, "none.pdf": NO_FORM}.items():
        file = here.volumes / "returns_dir" / name
        file.write_bytes(content)
        # Also for a clock that goes back nobody is still writing it.
        came_at = (MORNING - timedelta(days=3)).timestamp()
        os.utime(file, (came_at, came_at))


def _keep_dashboards(engine: Engine) -> None:
    for code in STORES:
        add_store(engine, code, f"STORE {code}")
        for back in range(1, 8):
            on = TODAY - timedelta(days=back)
            add_day(engine, on, code, ftd_revenue=1000, pickup_total_count=on.day)


def let_few_read(engine: Engine) -> None:
    """Leave one reader of the run's mail and two of each store's, of the many that the seeds bring."""
    readers = notification_recipients.c
    place = func.row_number().over(
        partition_by=(readers.profile_id, readers.store_code), order_by=readers.id
    )
    ranked = select(readers.id, readers.store_code, place.label("place")).subquery()
    few = select(ranked.c.id).where(
        ranked.c.place <= case((ranked.c.store_code.is_(None), 1), else_=2)
    )
    with engine.begin() as connection:
        connection.execute(delete(notification_recipients).where(readers.id.not_in(few)))


def _restored(table: Table) -> str:
    columns = ", ".join(column.name for column in table.c if not column.computed)
    return f"DELETE FROM {table}; INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM before.{table}"
