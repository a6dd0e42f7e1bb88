"""Make the daily reports of one day again from the database, without the portal.

A report of unchanged data comes out byte for byte as it was. Mails that were
delivered are not sent again.

Example:
  python -m jobs.reports --date 2025-11-14 --stores A668,A817

Exit codes: 0 complete, 2 wrong usage or a day that is not over, 75 something is
still owed and running again does it, 78 settings or schema must be changed
first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode
from lib.model import Pipeline

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    cli.add_day(parser, "the report date, like 2025-11-14 (default: yesterday)")
    cli.add_stores(parser)
    cli.add_switch(parser, "--no-notify", "send no mail")


def needs(args: argparse.Namespace) -> Needs:
    from lib.config import Need

    return {Need.DATABASE, Need.REPORT_STORES} | (set() if args.no_notify else {Need.MAIL})


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    stores = cli.chosen(settings.report_stores, args.stores)

    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib.pipelines import reports

    return reports.run(
        settings,
        args.run_id,
        reports.RebuildRequest(stores, args.date, notify=not args.no_notify),
    )


if __name__ == "__main__":
    cli.main(
        "reports",
        __doc__,
        options=options,
        needs=needs,
        work=work,
        name=Pipeline.DAILY,
    )
