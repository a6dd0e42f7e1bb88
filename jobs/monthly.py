"""Make the monthly reports of every completed month that is owed, or of one.

The oldest month comes first. A month that an earlier run closed is left alone,
and so is one without data; what an earlier run of a month has made is not made
again. On the day after its end a month waits for the daily run of its last
day, as a week does.

Examples:
  python -m jobs.monthly --dry-run
  python -m jobs.monthly --period 2025-10

Exit codes: 0 complete or nothing to do, 2 wrong usage or a month that is not
over, 75 something is still owed and running again does it, 78 settings or
schema must be changed first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli, dates
from lib.errors import ExitCode

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    cli.add_period(parser, "one month: 2025-10, or any day inside it", dates.parse_month)


def needs(args: argparse.Namespace) -> Needs:
    return cli.period_needs(args)


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    stores = cli.chosen(settings.report_stores, args.stores)

    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib.domain import pipelines
    from lib.pipelines import period

    choice = period.PeriodChoice(
        stores,
        args.period,
        args.since,
        args.dry_run,
        args.force,
        notify=not args.no_notify,
    )

    return period.run(settings, args.run_id, pipelines.MONTHLY, choice)


if __name__ == "__main__":
    cli.main(
        "monthly",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
