"""One morning of the chain: a database, a portal, a mail server, the past, then the real job.

Steps:
  1. side by side: PostgreSQL starts, `jobs.login` logs in, the dashboards of the past are read
  2. `jobs.migrate` makes the tables; the past is loaded
  3. `jobs.daily` does the day's work
  4. side by side: `jobs.weekly` and `jobs.monthly`, for two stores
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from demo import history, pictures, recipients
from demo.jobs import Jobs
from demo.mailbox import run_mailbox
from demo.portal import RunningPortal, run_portal
from demo.postgres import throwaway_postgres
from demo.screen import Row, Screen
from lib import dates, stop, terminal
from lib.db.engine import connect
from lib.errors import ExitCode, Interrupted

ZONE = ZoneInfo("Asia/Kolkata")
HOME = Path("var/demo")
#: The stores that also get a weekly and a monthly report.
WITH_PERIODS = ("A668", "A817")
EXPORTS_A_STORE = 3


def main() -> None:
    """Run the demo and leave with the daily job's exit code; only `var/demo` stays behind."""
    terminal.prepare()
    stop.listen()
    screen = Screen()

    try:
        if kept := make_room(HOME):
            print(f"demo: the morning that was in {HOME} is now in {kept}", flush=True)

        code = Morning(screen, dates.today(ZONE, dates.now())).run()
    except Interrupted:
        print(f"demo: stopped; what was made until then is in {HOME}", flush=True)
        stop.exit_now(ExitCode.TEMPORARY)

    raise SystemExit(code)


def make_room(home: Path) -> Path | None:
    """Make an empty `home`; return the name under which an earlier one is kept, or None."""
    kept = None

    if home.exists() and any(home.iterdir()):
        names = (home.with_name(f"{home.name}-{number}") for number in count(1))
        kept = next(name for name in names if not name.exists())
        home.rename(kept)

    (home / "mails").mkdir(parents=True)
    return kept


class Morning:
    """One run of the demo for the morning of `today`."""

    def __init__(self, screen: Screen, today: date) -> None:
        self._screen = screen
        self._today = today

    def run(self) -> int:
        """Return the daily job's exit code."""
        with ExitStack() as left:
            portal = left.enter_context(run_portal())
            mailbox = left.enter_context(run_mailbox(HOME / "mails"))
            environment = settings(portal, mailbox.host, mailbox.port)
            stores = len(portal.world.codes)
            past = history.needed(self._today, ZONE)

            left.enter_context(self._screen.shown(self._totals(stores, past)))

            engine, jobs = self._prepared(left, portal, past, environment)
            self._screen.say(f"the daily job for {stores} stores: python -m jobs.daily")

            code = jobs.run("daily")

            for row in (Row.FETCH, Row.REPORT, Row.MAIL):
                self._screen.end(row)

            self._screen.say("the weekly and the monthly job for two of them, without mails")
            self._make_periods(jobs)
            pictures.draw(HOME / "reports", HOME / "pictures")

            summary = summary_of(engine)
            engine.dispose()

        self._say_what_was_made(summary)
        return code

    def _totals(self, stores: int, past: history.Past) -> dict[Row, int]:
        return {
            Row.START: 2,
            Row.PAST: past.count(stores, len(WITH_PERIODS)) + 1,
            Row.LOGIN: 1,
            Row.FETCH: stores * (EXPORTS_A_STORE + 1),
            Row.REPORT: stores,
            Row.MAIL: stores + 1,
            Row.PERIODS: 2 * len(WITH_PERIODS),
        }

    def _prepared(
        self,
        left: ExitStack,
        portal: RunningPortal,
        past: history.Past,
        environment: dict[str, str],
    ) -> tuple[Engine, Jobs]:
        """Return the database with its past, and the jobs; the portal's session is open."""
        screen = self._screen
        screen.say("starting a throw-away PostgreSQL; reading the past; logging in: jobs.login")
        jobs = Jobs(environment, screen.hear)
        side = left.enter_context(ThreadPoolExecutor(2))

        left.enter_context(jobs)

        screen.begin(Row.LOGIN)
        login = side.submit(jobs.run, "login")
        pages = side.submit(
            history.read,
            portal.world,
            past,
            WITH_PERIODS,
            screen.stepper(Row.PAST),
        )

        screen.begin(Row.START)
        environment["DATABASE_URL"] = left.enter_context(throwaway_postgres())
        screen.step(Row.START)
        jobs.run("migrate")
        screen.step(Row.START)

        screen.say(f"loading four weeks of all stores, and {past.periods} of two of them")

        engine = connect(environment["DATABASE_URL"], application_name="demo")
        history.store(engine, portal.world, past, pages.result(), WITH_PERIODS)

        with engine.begin() as connection:
            recipients.add(connection, portal.world.codes)

        screen.step(Row.PAST)

        # Where it failed, the daily job tries again and says what is wrong.
        if login.result() == ExitCode.OK:
            screen.step(Row.LOGIN)

        screen.end(Row.LOGIN)
        return engine, jobs

    def _make_periods(self, jobs: Jobs) -> None:
        self._screen.begin(Row.PERIODS)
        stores = ",".join(WITH_PERIODS)

        with ThreadPoolExecutor(2) as side:
            started = []

            for name, period in periods(self._today).items():
                started.append(
                    side.submit(
                        jobs.run, name, "--period", period, "--stores", stores, "--no-notify"
                    )
                )

            for each in started:
                each.result()

        self._screen.end(Row.PERIODS)

    def _say_what_was_made(self, summary: str) -> None:
        """Say what the jobs left, where it lies, what to open first and what to type next."""
        print()
        terminal.say_lines(summary)

        for line in made(HOME, self._screen.first_report):
            print(line)


def settings(portal: RunningPortal, mail_host: str, mail_port: int) -> dict[str, str]:
    """Return the environment of a job that knows the demo alone; DATABASE_URL is added later."""
    return {
        **{
            name: os.environ[name]
            for name in ("PATH", "HOME", "LANG", "TERM", "BROWSER_EXECUTABLE")
            if name in os.environ
        },
        **portal.settings,
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


def periods(today: date) -> Mapping[str, str]:
    """Return the latest period that is over, for the weekly and the monthly job."""
    week, month = dates.last_complete_week(today), dates.last_complete_month(today)
    return {"weekly": dates.week_label(week), "monthly": f"{month.last:%Y-%m}"}


def made(home: Path, first_report: tuple[Path, float] | None) -> list[str]:
    """Return the last lines: what lies where, what to open first, what to type next."""
    pdfs = sorted((home / "reports").rglob("*.pdf"))
    mails = sorted((home / "mails").glob("*.eml"))
    log = home / "logs" / "daily.jsonl"
    lines = [
        "",
        f"{len(pdfs):3} reports   {home / 'reports'}",
        f"{len(mails):3} mails     {home / 'mails'}",
        f"    page 1 of each kind of report: {home / 'pictures'}",
        f"    log: {log}",
    ]

    if first_report:
        lines.append(f"    the first report was there after {first_report[1]:.1f} s")

    if pdfs:
        lines += ["", f"Open first: {pdfs[0]}"]

    if mails:
        lines.append(f"      then: {mails[0]}, in any mail program")

    return [*lines, " Type next: make   (the operators' menu; docs/how-to/run-the-daily-job.md)"]


def summary_of(engine: Engine) -> str:
    """Return the text of the daily run, which the operators were mailed."""
    with engine.connect() as connection:
        return _summary(connection)


def _summary(connection: Connection) -> str:
    query = text(
        "SELECT summary_text FROM pipeline_run_summaries"
        " WHERE pipeline_name = 'simplify_dashboard_daily' ORDER BY started_at DESC LIMIT 1"
    )

    return str(connection.execute(query).scalar_one())
