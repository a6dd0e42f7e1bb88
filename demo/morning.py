"""One morning of the chain on this machine: a database, a portal, a mail server, the past, and then the real job."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from demo import history, pictures, recipients
from demo.mailbox import run_mailbox
from demo.portal import RunningPortal, run_portal
from demo.postgres import throwaway_postgres
from lib import dates, terminal
from lib.db.engine import connect

ZONE = ZoneInfo("Asia/Kolkata")
HOME = Path("var/demo")
KEPT = ("PATH", "HOME", "LANG", "TERM", "BROWSER_EXECUTABLE")
"""What a job of the demo inherits: nothing that could point it at something real."""


def main() -> None:
    """Run the demo and leave with the daily job's exit code; only `var/demo` stays behind."""
    shutil.rmtree(HOME, ignore_errors=True)
    mails = HOME / "mails"
    mails.mkdir(parents=True)
    say("starting a throw-away PostgreSQL, the portal simulator and a mail server")
    with throwaway_postgres() as url, run_portal() as portal, run_mailbox(mails) as mailbox:
        environment = settings(url, portal, mailbox.host, mailbox.port)
        job("migrate", environment)
        engine = connect(url, application_name="demo")
        prepare(engine, portal)
        say(f"the daily job for {len(portal.world.codes)} stores: python -m jobs.daily")
        code = job("daily", environment)
        say("the weekly and the monthly job for two of them, without mails")
        for name, period in periods(dates.today(ZONE, dates.now())).items():
            job(name, environment, "--period", period, "--stores", "A668,A817", "--no-notify")
        pictures.draw(HOME / "reports", HOME / "pictures")
        tell(engine, mails)
        engine.dispose()
    raise SystemExit(code)


def settings(url: str, portal: RunningPortal, mail_host: str, mail_port: int) -> Mapping[str, str]:
    """Return the environment of a job that knows nothing but the demo."""
    return {
        **{
            name: os.environ[name]
            for name in ("PATH", "HOME", "LANG", "TERM", "BROWSER_EXECUTABLE")
            if name in os.environ
        },
        **portal.settings,
        "DATABASE_URL": url,
        "RUN_ENV": "local",
        "DATA_DIR": str(HOME / "data"),
        "REPORTS_ROOT": str(HOME / "reports"),
        "PROFILES_DIR": str(HOME / "profiles"),
        "LOGS_DIR": str(HOME / "logs"),
        "JSON_LOG_FILE": str(HOME / "logs" / "daily.jsonl"),
        "REPORT_EMAIL_SMTP_HOST": mail_host,
        "REPORT_EMAIL_SMTP_PORT": str(mail_port),
        "REPORT_EMAIL_FROM": "reports@example.invalid",
        "REPORT_EMAIL_USE_TLS": "false",
    }


def job(name: str, environment: Mapping[str, str], *arguments: str) -> int:
    """Run `python -m jobs.<name>` on this terminal and return its exit code."""
    return subprocess.run(
        [sys.executable, "-m", f"jobs.{name}", *arguments], env=environment, check=False
    ).returncode


def periods(today: date) -> Mapping[str, str]:
    """Return for the weekly and the monthly job the latest period that is over, as their `--period`."""
    week, month = dates.last_complete_week(today), dates.last_complete_month(today)
    return {"weekly": dates.week_label(week), "monthly": f"{month.last:%Y-%m}"}


def prepare(engine: Engine, portal: RunningPortal) -> None:
    """Load the past and give every store somebody who reads its report."""
    days = history.since_last_month(dates.today(ZONE, dates.now()))
    say(f"loading the history since the last month began ({days}) through the ingest code")
    with terminal.progress("loading history", len(list(days.days()))) as step:
        history.load(engine, portal.world, days, ZONE, step)
    with engine.begin() as connection:
        recipients.add(connection, portal.world.codes)


def tell(engine: Engine, mails: Path) -> None:
    """Say what the job left: the summary that the owners got, and where PDFs and mails are."""
    with engine.connect() as connection:
        print(f"\n{summary(connection)}\n")
    pdfs = sorted((HOME / "reports").rglob("*.pdf"))
    messages = sorted(mails.glob("*.eml"))
    for what, files in (("PDFs", pdfs), ("mails", messages)):
        first = f", for example {files[0]}" if files else ""
        print(f"{len(files):3} {what}{first}")
    print(f"    page 1 of each kind of report: {HOME / 'pictures'}")
    print(f"    log: {HOME / 'logs' / 'daily.jsonl'}")


def summary(connection: Connection) -> str:
    """Return the text of the daily run."""
    return str(
        connection.execute(
            text(
                "SELECT summary_text FROM pipeline_run_summaries WHERE pipeline_name = 'simplify_dashboard_daily'"
                " ORDER BY started_at DESC LIMIT 1"
            )
        ).scalar_one()
    )


def say(what: str) -> None:
    """Print a step of the demo."""
    print(f"demo: {what}", flush=True)
