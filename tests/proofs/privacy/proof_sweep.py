"""No personal data and no secret comes out of any run, whoever quotes them (promise.

Docs/reference/promises.md).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest

from demo.mailbox import Refusal, Stage
from demo.portal.app import Portal
from demo.portal.faults import Endpoint, Fault, Kind
from lib.model import Bucket
from tests.factories import returned_forms
from tests.fakes.scripted_mailbox import scripted_mailbox
from tests.proofs.faults.scenario import scene
from tests.proofs.privacy import hostile
from tests.proofs.privacy.canaries import INSTRUCTION, NAME, PASSWORD, PHONE, TOKEN, Canaries
from tests.proofs.privacy.outputs import leaks

OK, BUG, USAGE, TEMPORARY, CONFIGURATION = 0, 1, 2, 75, 78
BAD_URL = "http://127.0.0.1:1"
SAYS = hostile.SAYING.encode("ascii", "ignore").decode()
LOGIN_PAGES = (Endpoint.HOME, Endpoint.SUBMIT, Endpoint.TRACKER, Endpoint.HOP)


@dataclass(frozen=True)
class Trial:
    """One provoked ending: what is wrong in the world, and how the job ends by it."""

    code: int
    job: str = "daily"
    flags: tuple[str, ...] = ()
    changes: Mapping[Endpoint, hostile.Change] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    replies: Mapping[str, str] = field(default_factory=dict)
    """Of an SMTP server that takes the mail sink's place."""
    sql: tuple[str, ...] = ()
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    """Name below the volumes, and content."""
    settings: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    """A job that is started before, undisturbed or not."""


@dataclass
class World:
    """Which answers of the portal are changed."""

    changes: Mapping[Endpoint, hostile.Change] = field(default_factory=dict)


@pytest.fixture(scope="module")
def world():
    """Let the portal's answers go through `changes`."""
    here, answer = World(), Portal.answer

    def changed(self, visit):
        change = here.changes.get(visit.endpoint)
        return change(visit, answer(self, visit)) if change else answer(self, visit)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Portal, "answer", changed)
        yield here


@pytest.fixture(scope="module")
def morning(world, database_server, migrated_template, tmp_path_factory):
    with scene(
        "daily", database_server, migrated_template, tmp_path_factory.mktemp("morning")
    ) as here:
        yield here


@pytest.fixture(scope="module")
def login(world, database_server, migrated_template, tmp_path_factory):
    with scene(
        "login", database_server, migrated_template, tmp_path_factory.mktemp("login")
    ) as here:
        yield here


def tried(here, world, trial: Trial):
    """Live through the trial; return how it ended and what came out that must not."""
    here.reset()
    if trial.after:
        assert here.start(job=trial.after).code == OK
    for name, content in trial.files.items():
        file = here.volumes / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        file.chmod(0o600)
        # Nobody is still writing it, by the clock of the runs.
        os.utime(file, (0, 0))
    try:
        ending = started(here, world, trial)
        return ending, leaks(here, ending.output, Canaries.of(here.portal))
    finally:
        world.changes = {}
        here.portal.control.clear()
        here.mailbox.accept_all()
        tell_database(here, hostile.SILENCE)
        for name in trial.files:
            # One that was read is gone, one that was refused lies elsewhere until the next trial.
            (here.volumes / name).unlink(missing_ok=True)


def started(here, world, trial: Trial):
    tell_database(here, *trial.sql)
    here.portal.control.add(*trial.faults)
    here.mailbox.refuse(*trial.refusals)
    world.changes = trial.changes
    with ExitStack() as stack:
        settings = {"JSON_LOG_FILE": str(here.volumes / "logs_dir" / "job.jsonl"), **trial.settings}
        if trial.replies:
            settings["REPORT_EMAIL_SMTP_PORT"] = str(
                stack.enter_context(scripted_mailbox(**trial.replies)).port
            )
        return here.start(job=trial.job, flags=trial.flags, **settings)


def tell_database(here, *statements: str) -> None:
    with here.engine() as engine, engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%"))


def all_exports(change: hostile.Change) -> dict[Endpoint, hostile.Change]:
    return dict.fromkeys(map(Endpoint, Bucket), change)


def everything(change: hostile.Change) -> dict[Endpoint, hostile.Change]:
    return all_exports(change) | dashboards(change)


def dashboards(change: hostile.Change) -> dict[Endpoint, hostile.Change]:
    return {Endpoint.DASHBOARD: change}


def cells(kind: Kind, **more: str) -> tuple[Fault, ...]:
    return (Fault(kind, Endpoint.DASHBOARD, **more),)


HASTE = {"PORTAL_TIMEOUT_SECONDS": "3"}
LOGGED_IN = {"REPORT_EMAIL_SMTP_USERNAME": NAME.split()[0], "REPORT_EMAIL_SMTP_PASSWORD": "hunter2"}
SYNC = ("--file", "notifications.yml")
ASK = ("--store", "A668", "--date", "2025-11-16")
RETURNS = {"RETURNS_DIR": "returns_dir"}
ALERT = ("--unit", "simplify@daily.service", "--exit-code", "75")

QUIET = {
    "nothing wrong": Trial(OK),
    # the portal
    **{
        f"a store's pages and exports are answers {status} that quote": Trial(
            TEMPORARY, changes=everything(hostile.at("A817", hostile.echo(status)))
        )
        for status in (200, 302, 404, 500)
    },
    "exports without header": Trial(TEMPORARY, changes=all_exports(hostile.without_header)),
    "exports with columns called like people": Trial(
        OK, changes=all_exports(hostile.with_strange_columns)
    ),
    "exports with people in every cell": Trial(
        TEMPORARY, changes=all_exports(hostile.with_people_everywhere)
    ),
    "one cell is a name": Trial(OK, faults=cells(Kind.CELL, name="mtd_revenue", text=SAYS)),
    "a header is a name": Trial(
        OK, faults=cells(Kind.RENAMED_HEADER, name="FTD", text=f"{NAME} {PHONE}")
    ),
    "the store's name is a customer's": Trial(
        TEMPORARY,
        after="daily",
        changes=dashboards(hostile.renamed("RIVERSIDE", NAME)),
        flags=("--force",),
    ),
    "downloads of a phone's store": Trial(
        TEMPORARY, changes=dashboards(hostile.renamed("store_code=A", f"store_code={PHONE}"))
    ),
    # the database
    **{
        f"the database refuses and quotes {', '.join(tables)}": Trial(
            BUG, sql=tuple(map(hostile.refusing, tables))
        )
        for tables in (
            ("missed_leads", "undelivered_orders", "repeat_customers", "nonpackage_orders"),
            ("ingest_counts", "store_dashboard_summary"),
            ("store_master", "documents"),
            ("portal_headers", "notification_messages"),
            ("notification_deliveries",),
            ("pipeline_run_summaries",),
        )
    },
    "a constraint quotes the row": Trial(BUG, sql=(hostile.FORBIDS_NAMES,)),
    # mail
    **{
        f"the mail server quotes at {stage}": Trial(
            code, refusals=(Refusal(stage, f"550 5.1.1 {SAYS}"),)
        )
        for stage, code in {
            Stage.SENDER: CONFIGURATION,
            Stage.RECIPIENT: CONFIGURATION,
            Stage.DATA: CONFIGURATION,
        }.items()
    },
    "the mail server quotes its greeting": Trial(
        CONFIGURATION, replies={"GREETING": f"554 {SAYS}"}
    ),
    "the mail server speaks nonsense": Trial(TEMPORARY, replies={"GREETING": SAYS}),
    "the mail server quotes the password": Trial(
        CONFIGURATION,
        replies={"EHLO": "250-box\r\n250 AUTH PLAIN", "AUTH": f"535 5.7.8 {SAYS}"},
        settings=LOGGED_IN,
    ),
    "a template is broken": Trial(
        CONFIGURATION,
        sql=(
            f"UPDATE email_templates SET body_template = '{{{{ {{ {NAME} }}}}', subject_template = '{NAME} {{{{ x }}}}'",
        ),
    ),
    "an address is none": Trial(
        OK,
        sql=(
            f"UPDATE notification_recipients SET email_address = '{PHONE} {TOKEN}', display_name = '{NAME}'",
        ),
    ),
    # settings
    **{
        f"settings {number}": Trial(CONFIGURATION, settings=wrong)
        for number, wrong in enumerate(
            (
                {
                    "DATABASE_URL": f"mysql://u:{PASSWORD}@h/d",
                    "ALERT_URLS": TOKEN,
                    "HEALTHCHECK_URL_DAILY": f"ftp://{TOKEN}",
                },
                {
                    "DATABASE_URL": PASSWORD,
                    "TD_BASE_URL": f"https://u:{PASSWORD}@h",
                    "TMS_BASE": f"https://u:{TOKEN}@h",
                },
                {
                    "REPORT_EMAIL_FROM": f"a@example.invalid\n{TOKEN}",
                    "REPORT_EMAIL_SMTP_PASSWORD": PASSWORD,
                },
                {"REPORT_EMAIL_SMTP_PASSWORD_FILE": PASSWORD, "ALERT_URLS_FILE": f"/{TOKEN}"},
                {
                    "DATABASE_URL": f"postgresql://u:{PASSWORD}@127.0.0.1:1/d",
                    "DATABASE_URL_FILE": TOKEN,
                },
            )
        )
    },
    "a database nobody serves": Trial(
        TEMPORARY, settings={"DATABASE_URL": f"postgresql://u:hunter2{TOKEN}@127.0.0.1:1/d"}
    ),
    "a health check nobody serves": Trial(
        OK, settings={"HEALTHCHECK_URL_DAILY": f"{BAD_URL}/{TOKEN}"}
    ),
    "a broken .env": Trial(
        CONFIGURATION,
        files={
            ".env": f'TD_A668_PASSWORD {PASSWORD}\nALERT_URLS="{TOKEN}\nREPORT_EMAIL_SMTP_PASSWORD: {PASSWORD}\nexport {TOKEN}\n={TOKEN}\n'
        },
    ),
    # other commands
    "status": Trial(OK, "status", ("--json",), after="daily"),
    "status page": Trial(OK, "status", ("--html", "logs_dir/status.html"), after="daily"),
    "an explanation": Trial(OK, "explain", ASK, after="daily"),
    "an explanation for machines": Trial(OK, "explain", (*ASK, "--json"), after="daily"),
    "a figure and a store that are people": Trial(
        USAGE, "explain", ("--store", PHONE, "--figure", NAME), after="daily"
    ),
    # forms that come back, and deadlines
    **{
        f"a form that {what}": Trial(
            OK, "returns", after="daily", files={"returns_dir/form.pdf": content}, settings=RETURNS
        )
        for what, content in {
            "is no PDF and quotes": f"%PDF-1.7\n{SAYS}",
            "people wrote into, of no report of ours": returned_forms.filled(
                typed={"undelivered_comment_1": f"{NAME} {PHONE} {INSTRUCTION}"}
            ),
        }.items()
    },
    "a mailbox that nobody serves": Trial(
        TEMPORARY,
        "returns",
        settings={"RETURNS_IMAP_URL": f"imaps://{TOKEN}:hunter2@127.0.0.1:1/{TOKEN}"},
    ),
    "a mailbox that is none": Trial(
        CONFIGURATION, "returns", settings={"RETURNS_IMAP_URL": f"imap://u:{PASSWORD}@h/{TOKEN}"}
    ),
    "mails that are late": Trial(OK, settings={"DEADLINE_DAILY": "06:00"}),
    "db_check": Trial(OK, "db_check", ("--json",), after="daily"),
    "replay of people": Trial(OK, "replay", after="daily"),
    "mails that are shown": Trial(OK, "notifications_test", after="daily"),
    "reports once more": Trial(OK, "reports", ("--date", "2025-11-16"), after="daily"),
    "a week": Trial(OK, "weekly"),
    "the schema": Trial(OK, "migrate"),
    "an alert over a channel that nobody serves": Trial(
        OK, "alert", ALERT, settings={"ALERT_URLS": f"ntfy://{TOKEN}@127.0.0.1:1/x"}
    ),
    "a file that is no list of readers": Trial(
        CONFIGURATION, "notifications_sync", SYNC, files={"notifications.yml": f"x: [{SAYS}\n"}
    ),
    "a command line with a password": Trial(USAGE, "daily", (f"--password={PASSWORD}", TOKEN)),
}


def _short(ending):
    return [
        f"{event['status']}: {event['message']} {event.get('error', '')}"
        for event in ending.events[-8:]
    ] or ending.output


@pytest.mark.parametrize("name", QUIET)
def test_no_run_tells_anybody_s_data(morning, world, name):
    ending, leaked = tried(morning, world, QUIET[name])

    assert leaked == []
    assert ending.code == QUIET[name].code, _short(ending)


@pytest.mark.parametrize("endpoint", LOGIN_PAGES)
def test_no_login_tells_what_was_typed_or_where_it_led(login, world, endpoint):
    commands: set[str] = set()
    with Listening(commands.add):
        ending, leaked = tried(
            login, world, Trial(TEMPORARY, changes={endpoint: hostile.echo(200)}, settings=HASTE)
        )

    assert leaked == []
    assert ending.code in {TEMPORARY, CONFIGURATION}, _short(ending)
    assert any("chrom" in command for command in commands), "no browser was seen"
    assert Canaries.of(login.portal).found_in("\n".join(commands)) == []


class Listening:
    """Hear the command line of every process that stems from this one while the block lasts.

    Not those of the whole machine: another test's processes may run beside these.
    """

    def __init__(self, heard: Callable[[str], object]) -> None:
        self._heard = heard
        self._over = Event()
        self._thread = Thread(target=self._listen)
        self._family = {os.getpid()}

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._over.wait(0.02):
            self._welcome(dict(_parents()))
            for number in self._family:
                with suppress(OSError):
                    command = Path(f"/proc/{number}/cmdline").read_text(errors="replace")
                    self._heard(command.replace("\0", " "))

    def _welcome(self, parents: dict[int, int]) -> None:
        """Add children and theirs; who was added stays, also when its parent has ended."""
        before = 0
        while before != len(self._family):
            before = len(self._family)
            self._family |= {number for number, parent in parents.items() if parent in self._family}


def _parents() -> Iterator[tuple[int, int]]:
    """Yield the numbers of every process and of its parent."""
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with suppress(OSError):
                # the name before it is in brackets and may hold anything
                _, _, rest = (process / "stat").read_text(errors="replace").rpartition(")")
                yield int(process.name), int(rest.split()[1])
