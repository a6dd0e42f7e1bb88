"""Bring profiles, templates and recipients to what a YAML file says.

The difference is printed first: + added, ~ changed, - removed, ! left alone,
being edited by hand or from no file. All of it is one transaction. Pipelines
that the file does not name are not touched. docs/how-to/add-a-recipient.md
shows the file.

Example:
  python -m jobs.notifications_sync --file notifications.yml --dry-run

Exit codes: 0 the database says what the file says, but for what was left
alone, 2 wrong usage, 75 the database is away, 78 the file is wrong or the
schema is not current.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--file",
        metavar="FILE",
        type=Path,
        default=Path("notifications.yml"),
        help="what to apply",
    )
    cli.add_switch(parser, "--dry-run", "print the difference and change nothing")
    cli.add_switch(
        parser,
        "--overwrite",
        "let the file win over rows that are left alone otherwise",
    )


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need

    return {Need.DATABASE}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib import notify, terminal
    from lib.db import migrations
    from lib.db.engine import connect

    # First, so that a mistake in the file is found without a database.
    wanted = notify.read_notifications_file(args.file)
    engine = connect(settings.database_url, application_name="simplify notifications_sync")

    with engine.begin() as connection:
        migrations.require_current(connection)
        stored = notify.stored_rows(connection)
        difference = notify.difference(wanted, stored, overwrite=args.overwrite)

        for line in difference.lines():
            terminal.say_lines(line)

        if not args.dry_run:
            notify.apply_difference(connection, difference)

    return ExitCode.OK


if __name__ == "__main__":
    cli.main(
        "notifications_sync",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
