"""Check that the database is fit for the jobs: schema, seeds, codes, recipients, documents. Changes nothing.

Example:
  python -m jobs.db_check --json

Exit codes: 0 fit (warnings may be listed), 2 wrong usage, 75 the database is away, 78 something keeps the jobs from
working and a person must change it.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode
from lib.model import Status

if TYPE_CHECKING:
    from lib.config import Need, Settings


def options(parser: argparse.ArgumentParser) -> None:
    cli.add_switch(parser, "--json", "print one JSON object for machines")


def needs(_args: argparse.Namespace) -> Collection[Need]:
    from lib.config import Need

    return {Need.DATABASE}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    from lib.db import health, health_report
    from lib.db.engine import connect

    engine = connect(settings.database_url, application_name="simplify-db_check")
    with engine.connect() as connection:
        checks = health.examine(connection)
    print(health_report.as_json(checks) if args.json else health_report.as_text(checks))
    return ExitCode.CONFIGURATION if health_report.status(checks) is Status.ERROR else ExitCode.OK


if __name__ == "__main__":
    cli.main("db_check", __doc__, options=options, needs=needs, work=work)
