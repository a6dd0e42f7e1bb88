"""Bring the database to the revision that this version needs.

No other job changes the schema. --check warns of a database that is newer than
this version and finds nothing pending: after a rollback the older version goes
on with it.

Example:
  python -m jobs.migrate --check

Exit codes: 0 nothing is pending (any more), 1 --check found a pending
revision, 2 wrong usage, 75 the database is away or a lock is not to be had,
78 settings must be changed or, without --check, the database is newer.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--revision",
        default="head",
        help="stop at this revision (default: head); never goes back",
    )
    cli.add_switch(parser, "--check", "change nothing; exit 1 if a revision is pending")


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need

    return {Need.DATABASE}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib import log
    from lib.db import migrations
    from lib.db.engine import connect

    engine = connect(settings.database_url, application_name="simplify-migrate")

    if not args.check:
        for revision in migrations.upgrade(engine, args.revision):
            log.ok(f"applied {revision}")

    # After a rollback --check has to find nothing, though the database is newer.
    pending = migrations.needed if args.check else migrations.pending

    with engine.connect() as connection:
        waiting = pending(connection, args.revision)
        now = migrations.current(connection) or "no revision"

    log.info(f"the database is at {now}; pending: {', '.join(waiting) or 'nothing'}")
    return ExitCode(1) if waiting else ExitCode.OK


if __name__ == "__main__":
    cli.main(
        "migrate",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
