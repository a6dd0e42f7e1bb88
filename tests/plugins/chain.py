"""A small chain of stores with everything around it that is real to a job.

Portal, mail server, database, volumes.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine

from demo.mailbox import Mailbox, run_mailbox
from demo.portal import RunningPortal, run_portal
from demo.portal.world import World
from lib.db.engine import connect
from tests.databases import Server
from tests.fork_server import client as fork_server

ROOT = Path(__file__).parents[2]
KEPT = ("PATH", "HOME", "LANG", "BROWSER_EXECUTABLE", "SSL_CERT_FILE")
JOB_TIMEOUT_S = 900
"""Only a hang takes so long, whatever else the machine does."""


@dataclass(frozen=True)
class Ending:
    """How a job ended: its exit code and what it said."""

    code: int
    events: list[dict]
    """Its log lines."""
    output: str

    def messages(self, level="error"):
        return [event["message"] for event in self.events if event["level"] == level]


@dataclass
class Chain:
    """Three stores, two of which get reports: the two that the seeds know recipients for."""

    portal: RunningPortal
    mailbox: Mailbox
    engine: Engine
    volumes: Path
    environment: dict[str, str] = field(default_factory=dict)
    is_drawn: bool = True
    """False: a stand-in makes the pages of `run`, which takes a third of the time."""

    @property
    def stores(self):
        return self.portal.world.codes

    def run(self, job, *arguments, **changes):
        """Run the job in a fork of a process that has imported it (tests/fork_server).

        A change to None takes a variable away.
        """
        return self.run_module(f"jobs.{job}", *arguments, **changes)

    def run_module(self, module, *arguments, **changes):
        """Run any module in the place of a job, as `run` does."""
        done = fork_server.server().run(
            module,
            arguments,
            cwd=ROOT,
            environ=self._environment(changes),
            timeout_s=JOB_TIMEOUT_S,
            is_drawn=self.is_drawn,
        )
        return _ending(done)

    def run_program(self, job, *arguments, module=None, **changes):
        """Run `python -m jobs.<job>`, with all that an interpreter does at its start and end.

        Or a `module` that runs the job.
        """
        done = subprocess.run(
            [sys.executable, "-m", module or f"jobs.{job}", *arguments],
            cwd=ROOT,
            env=self._environment(changes),
            capture_output=True,
            text=True,
            timeout=JOB_TIMEOUT_S,
            check=False,
        )
        return _ending(done)

    def _environment(self, changes):
        wanted = self.environment | changes
        return {name: value for name, value in wanted.items() if value is not None}


def _ending(done: subprocess.CompletedProcess[str]) -> Ending:
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return Ending(done.returncode, events, done.stdout + done.stderr)


def environment_of(portal_settings, mailbox, database_url, volumes):
    """The variables of a job that knows this portal, mail server, database and volumes, and nothing else."""
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        **portal_settings,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(volumes / "data"),
        "REPORTS_ROOT": str(volumes / "reports"),
        "PROFILES_DIR": str(volumes / "profiles"),
        "LOGS_DIR": str(volumes / "logs"),
        "REPORT_EMAIL_SMTP_HOST": mailbox.host,
        "REPORT_EMAIL_SMTP_PORT": str(mailbox.port),
        "REPORT_EMAIL_FROM": "reports@example.invalid",
        "REPORT_EMAIL_USE_TLS": "false",
    }


@contextmanager
def run_chain(
    engine: Engine, database_url: str, volumes: Path, world: World | None = None
) -> Iterator[Chain]:
    """Yield a chain with a portal and a mail server of its own.

    `database_url` is where `engine` leads.
    """
    with (
        run_portal(world or World(stores=3, scale=0.2)) as portal,
        run_mailbox(volumes / "mails") as mailbox,
    ):
        environment = environment_of(portal.settings, mailbox, database_url, volumes) | {
            "REPORT_STORES_LIST": "A668,A817"
        }
        yield Chain(portal, mailbox, engine, volumes, environment)


def mailed_reports(chain: Chain) -> list[tuple[str, str]]:
    """Return store code and period of each report that was mailed, once a mail, sorted."""
    found = []
    for mail in chain.mailbox.messages():
        for part in mail.message.iter_attachments():
            said = PdfReader(BytesIO(part.get_content())).metadata
            by_name = {name.lower(): value for name, value in said.items()}
            found.append((by_name["/storecode"], by_name["/period"]))
    return sorted(found)


@pytest.fixture
def chain(engine, database, tmp_path):
    """A chain whose morning can be run, and broken, as often as a test likes."""
    with run_chain(engine, database, tmp_path) as here:
        yield here


@pytest.fixture
def saved_session(chain):
    """The state of a browser that is logged in, as yesterday's run saved it.

    `chain`'s runs start no browser.
    """
    save_session(chain)


def save_session(chain: Chain) -> None:
    place = chain.volumes / "profiles"
    place.mkdir(mode=0o700)
    state = place / "storage_state.json"
    state.touch(mode=0o600)
    state.write_text(json.dumps(chain.portal.storage_state()))


@pytest.fixture
def undrawn(request):
    """Take the reports' pages of the chain's runs from a stand-in (tests/fakes/printed_report.py).

    For a test that looks at no page: nearly all of a run's time goes into drawing.
    """
    names = {"chain", "after_a_morning"} & set(request.fixturenames)
    for name in names:
        request.getfixturevalue(name).is_drawn = False


RUN_ID = "good-morning"
LOG = Path("logs") / "daily.jsonl"
"""Below the volumes: the log file of the run that `after_a_morning` begins with."""


@dataclass
class Morning:
    """A daily run that went well, and everything as it left it; made once for many tests."""

    chain: Chain
    ending: Ending
    today: date
    """The portal's day; the run is of no use on the next one."""
    template: str
    """Name of the database that it left, to copy from."""
    kept: Path
    """A copy of the volumes, the mails among them."""
    sessions: object
    """The portal's."""

    @contextmanager
    def again(self, server: Server) -> Iterator[Chain]:
        """Yield the chain as the run left it, on a database of its own."""
        control = self.chain.portal.control
        control.clear()
        control.reset_counters()
        control.sessions = copy.deepcopy(self.sessions)
        for place in self.chain.volumes.iterdir():
            shutil.rmtree(place)
        shutil.copytree(self.kept, self.chain.volumes, dirs_exist_ok=True)

        with server.database(self.template) as name:
            engine = connect(server.url_of(name), application_name="tests")
            environment = self.chain.environment | {"DATABASE_URL": server.url_of(name)}
            yield replace(self.chain, engine=engine, environment=environment)
            engine.dispose()


@contextmanager
def run_morning(server: Server, migrated: str, directory: Path) -> Iterator[Morning]:
    """Run a morning in a database that is a copy of `migrated`, and keep what it left."""
    with server.database(migrated) as template:
        url, volumes = server.url_of(template), directory / "volumes"
        volumes.mkdir()
        engine = connect(url, application_name="tests")
        with run_chain(engine, url, volumes) as here:
            today = here.portal.control.today
            ending = here.run_program("daily", "--run-id", RUN_ID, JSON_LOG_FILE=str(volumes / LOG))
            # a database that is copied may have no connection
            engine.dispose()
            assert ending.code == 0, ending.output

            shutil.copytree(volumes, directory / "kept")
            sessions = copy.deepcopy(here.portal.control.sessions)
            yield Morning(here, ending, today, template, directory / "kept", sessions)


@pytest.fixture(scope="session")
def mornings(database_server, migrated_template, tmp_path_factory):
    """Return the morning of the portal's day: at midnight in India another one is run."""
    with ExitStack() as stack:
        made: list[Morning] = []

        def morning() -> Morning:
            if not made or made[-1].today != made[-1].chain.portal.control.today:
                directory = tmp_path_factory.mktemp("morning")
                made.append(
                    stack.enter_context(run_morning(database_server, migrated_template, directory))
                )
            return made[-1]

        yield morning


@pytest.fixture
def morning(mornings):
    """The run that `after_a_morning` begins with."""
    return mornings()


@pytest.fixture
def after_a_morning(morning, database_server):
    """A chain, as `chain` is one, after its first run, which went well."""
    with morning.again(database_server) as here:
        yield here
