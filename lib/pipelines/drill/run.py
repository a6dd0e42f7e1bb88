"""A drill from the restore to its page.

1. Refuse where a drill may not run, or where it could not be done.
2. Restore the last backup into a scratch database.
3. Make a daily run necessary in it, whose mails can reach nobody.
4. Start the daily job with the fault armed, then as the scheduler would until nothing is owed.
5. Judge what is left; drop the scratch database, whatever happened.
6. Draw the page.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine

from lib import dates, log, terminal
from lib.config import Settings
from lib.drill import (
    backup,
    choice,
    environment,
    faults,
    guarantees,
    job_process,
    leftovers,
    mail_server,
    permission,
    queries,
    small_disk,
)
from lib.drill.faults import ArmedFault
from lib.drill.mail_server import MailServer
from lib.drill.model import Event, Fault, Guarantee, Plan, judged
from lib.drill.scratch_database import ScratchDatabase, scratch_database
from lib.errors import ExitCode, JobError
from lib.model import Pipeline, Status
from lib.pipelines import status
from lib.pipelines.drill import page, restore
from lib.pipelines.drill.outcome import DrillOutcome, Start
from lib.plural import counted
from lib.scratch_directory import Purpose, scratch_directory

JOB = "daily"


@dataclass(frozen=True)
class DrillRequest:
    """What the operator asked for."""

    #: By its name; None: by chance.
    fault: str | None = None
    #: None: a new one.
    seed: int | None = None


@dataclass(frozen=True)
class Drill:
    """What the steps of one drill share."""

    settings: Settings
    plan: Plan
    scratch: ScratchDatabase
    mails: MailServer
    #: Its scratch directory, by which what it starts is known.
    place: Path
    #: Of the run's volumes.
    root: Path
    outcome: DrillOutcome

    @property
    def environment(self) -> dict[str, str]:
        """The variables of each job, but for what an armed fault changes."""
        variables = environment.of_job(
            os.environ,
            database_url=self.scratch.url,
            root=self.root,
            mails=self.mails,
        )

        return variables | {job_process.OWNER: str(self.place)}


def run(settings: Settings, run_id: str, request: DrillRequest) -> ExitCode:
    """Hold a drill; BUG if a promise was broken, TEMPORARY if the fault did not strike.

    Raise ConfigurationError where it may not or cannot be held, TemporaryError while another one
    is; then nothing was done.
    """
    permission.require(settings)
    backup.program()

    assert settings.drill.backups is not None  # noqa: S101 - required just now
    last = backup.newest(settings.drill.backups)
    plan = _plan(settings, request)

    now = dates.now()
    on = dates.report_day(dates.today(settings.zone, now))
    outcome = DrillOutcome(run_id, plan, on, now, restore.RestoredBackup(last))

    log.info(f"the fault is {plan.fault}, {plan.moment} (seed {plan.seed})")

    with (
        # First: its lock is what tells a killed drill from one that is at work.
        scratch_database(settings.database_url) as here,
        scratch_directory(Purpose.DRILL, release=leftovers.release) as place,
        _root(settings, plan, place) as root,
        mail_server.mail_server() as mails,
    ):
        _hold(Drill(settings, plan, here, mails, place, root, outcome))

    return _conclude(settings, outcome)


def _plan(settings: Settings, request: DrillRequest) -> Plan:
    """Return the plan; raise ConfigurationError for a fault that cannot be done here."""
    impossible = permission.impossible(os.environ, small_disk.problem(settings.drill.disk))
    chosen = Fault(request.fault) if request.fault else None

    if chosen in impossible:
        raise permission.FaultImpossible(chosen, impossible[chosen])

    for fault, reason in impossible.items():
        log.warning(f"the fault {fault} is left out: {reason}")

    seed = choice.new_seed() if request.seed is None else request.seed
    return choice.plan(seed, [fault for fault in Fault if fault not in impossible], chosen)


@contextmanager
def _root(settings: Settings, plan: Plan, place: Path) -> Iterator[Path]:
    """Yield the directory of the run's volumes: on a small file system if it is to be filled."""
    if plan.fault is not Fault.DISK:
        yield place
        return

    with small_disk.small_disk(settings.drill.disk, place) as disk:
        yield disk


def _hold(drill: Drill) -> None:
    """Restore, break, recover and judge; what cannot be tried any more is said to be so."""
    outcome = drill.outcome

    for path in environment.volumes(drill.root).values():
        path.mkdir(mode=0o700)

    restore.restore(drill.scratch, outcome.restored, drill.environment)
    restored = outcome.restored
    outcome.judgements.append(
        judged(Guarantee.RESTORED, restored.problems, restore.in_words(restored))
    )

    if restored.problems:
        outcome.leave_untried()
        return

    engine = drill.scratch.connect()

    try:
        before = _make_ready(drill, engine)
        _keep_session(drill)
        _break_and_recover(drill)
        _judge(drill, engine, before)
    finally:
        engine.dispose()


def _make_ready(drill: Drill, engine: Engine) -> dict[str, int]:
    """Make a run necessary that can mail to nobody; return the rows of each table before it."""
    with engine.begin() as connection:
        queries.make_ready(
            connection,
            on=drill.outcome.on,
            run_env=drill.settings.run_env,
            stores=drill.settings.report_stores,
        )

    with engine.connect() as connection:
        if people := queries.addresses_of_people(connection):
            raise JobError(
                f"{counted(people, 'address', 'addresses')} of the scratch database could be real;"
                " this is a bug, and no run was started"
            )

        return queries.row_counts(connection)


def _keep_session(drill: Drill) -> None:
    """Give the run the host's saved portal session, if there is one: a login less."""
    saved = drill.settings.portal.storage_state
    target = environment.volumes(drill.root)["PROFILES_DIR"] / saved.name

    if saved.is_file():
        shutil.copyfile(saved, target)
        target.chmod(0o600)


def _break_and_recover(drill: Drill) -> None:
    """Start the job with the fault armed, and then until nothing is owed."""
    outcome = drill.outcome

    with faults.armed(drill.plan, drill.scratch, drill.mails, drill.root) as fault:
        outcome.starts.append(_start(drill, fault))

    struck_s = fault.strike.at_s

    while _is_owed(outcome) and len(outcome.starts) < guarantees.MOST_STARTS:
        outcome.starts.append(_start(drill))

    last = outcome.starts[-1].ending

    if struck_s is None:
        log.error(
            f"the fault did not strike: the run was over before its moment ({drill.plan.moment})"
        )
        return

    outcome.struck_at = dates.now() - timedelta(seconds=time.monotonic() - struck_s)
    if last.code == ExitCode.OK:
        outcome.recovered_s = max(last.ended_s, struck_s) - struck_s


def _is_owed(outcome: DrillOutcome) -> bool:
    """Return True if the scheduler would start the job again."""
    code = outcome.starts[-1].ending.code
    return code in {ExitCode.BUG, ExitCode.TEMPORARY} or code < 0


def _start(drill: Drill, fault: ArmedFault | None = None) -> Start:
    began_s = time.monotonic()
    changes = fault.environment if fault else {}

    def hear(event: Event, process: subprocess.Popen[str]) -> None:
        _relay(event)
        if fault:
            fault.hear(event, process)

    ending = job_process.run(JOB, (), {**drill.environment, **changes}, hear)
    number = len(drill.outcome.starts) + 1
    log.info(f"start {number} of {JOB} ended with {ending.code}")

    return Start(ending, time.monotonic() - began_s)


def _relay(event: Event) -> None:
    """Show a log line of the run as our own."""
    is_for_people = sys.stdout.isatty()
    terminal.say(
        terminal.event_line(event) if is_for_people else json.dumps(event, ensure_ascii=False)
    )


def _judge(drill: Drill, engine: Engine, before: dict[str, int]) -> None:
    """Judge each promise by what is left."""
    outcome, on = drill.outcome, drill.outcome.on
    endings = [start.ending for start in outcome.starts]
    has_struck = outcome.struck_at is not None
    found = [guarantees.ended(drill.plan.fault, endings[0], has_struck=has_struck)]

    # First, for status closes the row of a run whose process is gone.
    with engine.connect() as connection:
        found.append(guarantees.recovered(connection, on, endings))
        deliveries = queries.deliveries(connection, on)
        promised = queries.promised(connection)

    named = _uncertain_in_status(drill, on)
    found.append(guarantees.mails(deliveries, promised, drill.mails.taken, named))

    with engine.connect() as connection:
        found.append(guarantees.rows(connection, on, before))
        found.append(guarantees.files(connection, on))

    volumes = environment.volumes(drill.root)
    found.append(guarantees.nothing_left(engine, volumes, endings))
    outcome.judgements += found


def _uncertain_in_status(drill: Drill, on: date) -> int:
    """Return how many mails of the day jobs.status names as uncertain."""
    there = replace(drill.settings, database_url=drill.scratch.url)
    seen = status.overview(there, drill.outcome.run_id)
    found = 0

    for group in seen.mails:
        is_of_day = (group.pipeline, group.report_on) == (Pipeline.DAILY, on)
        if is_of_day and group.state == "uncertain":
            found += group.deliveries

    return found


def _conclude(settings: Settings, outcome: DrillOutcome) -> ExitCode:
    """Log what became of each promise, and draw the page."""
    for one in outcome.judgements:
        log.ended(one.verdict.status, f"{one.verdict}: {one.guarantee} ({one.text})")

    page_path = page.draw(settings, outcome)
    recovered = page.in_seconds(outcome.recovered_s)
    text = f"{outcome.held} of {len(outcome.judgements)} promises held; recovered in {recovered}"
    ended = Status.OK if outcome.exit_code is ExitCode.OK else Status.ERROR
    log.ended(ended, f"{text}; the page is {page_path}", path=page_path)

    return outcome.exit_code
