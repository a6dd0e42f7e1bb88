"""Weekly runs that are killed (SIGKILL) after each commit: `python -m tests.killed_between URL ROOT PORT`.

For each place, which is all of one transaction and nothing of the next, one child process lives two owed weeks and dies there; then a child that lives catches up. After each
pair one JSON line tells what was found. The list ends where the first mail has been tried: from there on the outbox's
own tests kill.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import delete, event, select
from sqlalchemy.engine import Engine

from lib import log
from lib.config.settings import MailSettings
from lib.db.engine import connect
from lib.db.tables import (
    documents,
    notification_deliveries,
    notification_messages,
    pipeline_run_summaries,
)
from lib.domain.pipelines import WEEKLY
from lib.pipelines.period import PeriodChoice, PeriodJob
from tests.factories import notify_rows
from tests.fakes.period_boundaries import Doors

STORES = ("A668",)
TUESDAY = date(2025, 11, 18)


def run_here(url, root, port, run_id, place=None):
    """Live the job; at the first statement after the commit number `place` the process dies."""
    mail = MailSettings("127.0.0.1", port, "Reports <reports@example.invalid>", use_tls=False)
    settings = replace(notify_rows.settings(root, mail), report_stores=STORES)
    engine = connect(url, application_name=run_id)
    if place is not None:
        _die_at(engine, place)
    code = PeriodJob(
        engine, settings, run_id, WEEKLY, PeriodChoice(STORES), TUESDAY, Doors(root=root).build
    ).run()
    engine.dispose()
    return code


def _die_at(engine, place):
    commits = []

    def statement(*_):
        if len(commits) >= place:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "commit", commits.append)
    event.listen(engine, "before_cursor_execute", statement)


def state(url):
    """Return each run's finished phases, whether its date has a plan, and what became of the deliveries."""
    engine = connect(url, application_name="watching")
    rows, due = pipeline_run_summaries, notification_deliveries
    with engine.connect() as connection:
        runs = connection.execute(
            select(rows.c.report_date, rows.c.phases_json, rows.c.closes)
        ).all()
        owed = connection.execute(select(due.c.report_date, due.c.store_code, due.c.state)).all()
    engine.dispose()
    planned = {day for day, _, _ in owed}
    return {
        "finished": sorted(str(day) for day, phases, _ in runs if "report" in (phases or {})),
        "planned": sorted(map(str, planned)),
        "closed": sorted(str(day) for day, _, closes in runs if closes),
        "deliveries": sorted([str(day), code, state] for day, code, state in owed),
    }


def wipe(url):
    engine: Engine = connect(url, application_name="wiping")
    with engine.begin() as connection:
        for table in (
            notification_deliveries,
            notification_messages,
            documents,
            pipeline_run_summaries,
        ):
            connection.execute(delete(table))
    engine.dispose()


def in_child(*arguments):
    """Live in a child; return its exit code, or -9 when it died."""
    child = os.fork()
    if child == 0:
        os._exit(run_here(*arguments))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(url, root, port):
    warnings.simplefilter(
        "ignore", DeprecationWarning
    )  # forking beside threads: the children start their own
    place = 1
    while True:
        wipe(url)
        code = in_child(url, Path(root), int(port), "killed", place)
        found = {"place": place, "code": code, **state(url)}
        if any(state != "pending" for _, _, state in found["deliveries"]):
            return
        last = in_child(url, Path(root), int(port), "last")
        print(json.dumps(found | {"last": last, "after": state(url)}), flush=True)  # noqa: T201
        place += 1


if __name__ == "__main__":
    log.start(pipeline_name="killed_between", run_id="")
    main(*sys.argv[1:])
