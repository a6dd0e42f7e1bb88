"""Make the weekly reports of every completed week that is owed, or of one.

The oldest week comes first. A week that an earlier run closed is left alone,
and so is one without data; what an earlier run of a week has made is not made
again. On the day after its end a week waits for the daily run of its last day;
from the second day on it is made with what there is.

Examples:
  python -m jobs.weekly --dry-run
  python -m jobs.weekly --period 2025-W46

Exit codes: 0 complete or nothing to do, 2 wrong usage or a week that is not
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
    cli.add_period(parser, "one week: 2025-W46, or any day inside it", dates.parse_week)


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

    return period.run(settings, args.run_id, pipelines.WEEKLY, choice)


if __name__ == "__main__":
    cli.main(
        "weekly",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
