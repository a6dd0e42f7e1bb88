"""A small chain of stores with everything around it that is real to a job: portal, mail server, database, volumes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine

from demo.mailbox import Mailbox, run_mailbox
from demo.portal import RunningPortal, run_portal
from demo.portal.world import World

ROOT = Path(__file__).parents[2]
KEPT = ("PATH", "HOME", "LANG", "BROWSER_EXECUTABLE", "SSL_CERT_FILE")
JOB_TIMEOUT_S = 180


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

    @property
    def stores(self):
        return self.portal.world.codes

    def run(self, job, *arguments, **changes):
        """Run `python -m jobs.<job>`; a change to None takes a variable away."""
        environment = {
            name: value for name, value in (self.environment | changes).items() if value is not None
        }
        done = subprocess.run(
            [sys.executable, "-m", f"jobs.{job}", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=JOB_TIMEOUT_S,
            check=False,
        )
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


@pytest.fixture
def chain(engine, database, tmp_path):
    """A chain whose morning can be run, and broken, as often as a test likes."""
    with (
        run_portal(World(stores=3, scale=0.2)) as portal,
        run_mailbox(tmp_path / "mails") as mailbox,
    ):
        environment = environment_of(portal.settings, mailbox, database, tmp_path) | {
            "REPORT_STORES_LIST": "A668,A817"
        }
        yield Chain(portal, mailbox, engine, tmp_path, environment)
