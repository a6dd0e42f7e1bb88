"""Deliver the mails that runs still owe; a delivered mail is never sent again.

Without flags: what is due of every pipeline. --accept and --resend decide about
mails that may or may not have arrived, because the connection or the process
ended before the server's answer; --resend also sends again what a server has
refused for good.

Example:
  python -m jobs.notify --pipeline simplify_dashboard_daily --report-date 2025-11-14

Exit codes: 0 nothing of it is owed any more, 2 wrong usage, 75 something is
still owed and running again tries it, 78 settings or schema must be changed
first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode, UsageError
from lib.model import Pipeline

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--run-id",
        metavar="ID",
        dest="of_run",
        help="the mails of this run",
    )
    parser.add_argument(
        "--pipeline",
        choices=[str(code) for code in Pipeline],
        help="with --report-date",
    )
    parser.add_argument(
        "--report-date",
        metavar="DATE",
        help="the mails about this day, such as 2025-11-14",
    )
    cli.add_switch(
        parser,
        "--resend",
        "send again what is uncertain (a reader may get it twice) or was refused",
    )
    cli.add_switch(
        parser,
        "--accept",
        "take what is uncertain as arrived: a reader may never get it",
    )


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need

    return {Need.DATABASE, Need.MAIL}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib import dates
    from lib.pipelines import delivery

    if args.resend and args.accept:
        raise UsageError("--resend and --accept say the opposite of each other; give one")

    decision = None
    if args.resend:
        decision = delivery.Decision.RESEND
    elif args.accept:
        decision = delivery.Decision.ACCEPT

    report_on = dates.parse_day(args.report_date) if args.report_date else None
    request = delivery.DeliveryRequest(args.of_run, args.pipeline, report_on, decision)

    return delivery.run(settings, request)


if __name__ == "__main__":
    cli.main(
        "notify",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
