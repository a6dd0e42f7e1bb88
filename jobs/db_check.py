"""Check that the jobs can work.

Looks at schema, seeds, codes, recipients, references, report files, stale runs
and free disk. Changes nothing, unless --repair-orphans adds the missing row of
a run that documents or deliveries name.

Example:
  python -m jobs.db_check --json

Exit codes: 0 fit (warnings may be listed), 2 wrong usage, 75 the database is
away, 78 something keeps the jobs from working and a person must change it.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode
from lib.model import Status

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    cli.add_switch(parser, "--json", "print one JSON object for machines")
    cli.add_switch(
        parser,
        "--repair-orphans",
        "first add a row for every run that documents or deliveries name",
    )


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need, Use

    return {Need.DATABASE, Use.FILES, Use.REPORT_STORES}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib import commands, log, terminal
    from lib.db import disk, health, health_report, references
    from lib.db.engine import connect

    engine = connect(settings.database_url, application_name="simplify-db_check")

    if args.repair_orphans:
        with engine.begin() as connection:
            for run_id in references.repair(connection):
                log.ok(f"added a row for run {run_id}")

    with engine.connect() as connection:
        checks = health.examine(connection, settings.report_stores)

    checks.append(disk.check(settings.volumes))

    if args.json:
        terminal.say(health_report.as_json(checks))
    else:
        text = health_report.as_text(checks)
        terminal.say_lines(commands.spelled(text, settings.job_command))

    return ExitCode.CONFIGURATION if health_report.status(checks) is Status.ERROR else ExitCode.OK


if __name__ == "__main__":
    cli.main(
        "db_check",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
