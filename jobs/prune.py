"""Remove reports, customer files and stored texts that are older than allowed.

How long each kind is kept is a setting (…_RETENTION_DAYS). What a mail, a run
or a catch-up may still need stays, and so do the figures: every report can be
made again from them.

Example:
  python -m jobs.prune --dry-run

Exit codes: 0 all that is old is gone, 2 wrong usage, 75 the database is away,
a run holds a lock or a file could not be removed: running again does the rest,
78 settings or schema must be changed first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    cli.add_switch(
        parser,
        "--dry-run",
        "name what would go, how old and how big it is; remove nothing",
    )


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need, Use

    return {Need.DATABASE, Use.RETENTION, Use.CATCH_UP, Use.FILES, Use.PORTAL, Use.RETURNS}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib.pipelines import prune

    return prune.run(settings, dry_run=args.dry_run)


if __name__ == "__main__":
    cli.main(
        "prune",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
