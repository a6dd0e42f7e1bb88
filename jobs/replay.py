"""Load rejected rows again, after the code or the kept rows were corrected.

Reads no portal and makes no report.

Example:
  python -m jobs.replay

Exit codes: 0 every kept row was tried, 2 wrong usage, 75 the database is away,
78 settings or schema must be changed first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode
from lib.plural import counted

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(_parser: argparse.ArgumentParser) -> None:
    """Add nothing: every row that waits is tried."""


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need, Use

    return {Need.DATABASE, Use.FILES}


def work(settings: Settings, _args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib import ingest, log
    from lib.db import migrations
    from lib.db.engine import connect

    engine = connect(settings.database_url, application_name="simplify-replay")
    with engine.connect() as connection:
        migrations.require_current(connection)

    tried = rejected = 0

    for export in ingest.replay(engine):
        tried += export.tried
        rejected += export.rejected

        rows = counted(export.tried, "row")
        log.ok(
            f"{rows} of {export.seen_on} tried again, {export.rejected} rejected again",
            store_code=export.store_code,
            bucket=export.bucket,
        )

    log.info(f"rows tried again: {tried}, rejected again: {rejected}")
    return ExitCode.OK


if __name__ == "__main__":
    cli.main(
        "replay",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
