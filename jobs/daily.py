"""Fetch, load, report and mail yesterday's figures of every store.

A day that an earlier run closed is left alone. Of a day that is still open
only the remaining work is done.

Example:
  python -m jobs.daily --stores A668,A817

Exit codes: 0 complete or nothing to do, 2 wrong usage, 75 something is still
owed and running again does it, 78 settings, credentials or schema must be
changed first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    cli.add_stores(parser)
    cli.add_run_id(parser)
    cli.add_switch(
        parser,
        "--dry-run",
        "log in, fetch and check everything; write, report and mail nothing",
    )

    cli.add_switch(parser, "--force", "make a closed day again")
    cli.add_switch(parser, "--no-notify", "send no mail")


def needs(args: argparse.Namespace) -> Needs:
    from lib.config import Need

    mail = set() if args.dry_run or args.no_notify else {Need.MAIL}
    return {Need.DATABASE, Need.STORES, Need.REPORT_STORES, Need.PORTAL} | mail


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    stores = cli.chosen(settings.stores, args.stores)

    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib.pipelines import daily

    chosen = daily.DailyChoice(
        stores,
        dry_run=args.dry_run,
        force=args.force,
        notify=not args.no_notify,
    )

    return daily.run(settings, args.run_id, chosen)


if __name__ == "__main__":
    cli.main(
        "daily",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
