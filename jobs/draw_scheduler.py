"""Give pages to the hosts that draw, or with --expect say which ones there are.

A service of the main host: worker hosts offer themselves at port 8786, and
jobs that make reports have their pages drawn there.

Example:
  python -m jobs.draw_scheduler --listen 10.0.0.1
  python -m jobs.draw_scheduler --expect 2

Exit codes: 0 stopped by a signal, or the expected hosts draw, 2 wrong usage,
75 the port is in use, or fewer hosts of this release draw, 78 settings or
certificates must be changed first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--listen",
        metavar="ADDRESS",
        help="serve, and listen at this address, 0.0.0.0 for all",
    )
    what.add_argument(
        "--expect",
        metavar="HOSTS",
        type=int,
        help="ask the scheduler of DRAW_SCHEDULER whether so many hosts of this release draw",
    )


def needs(args: argparse.Namespace) -> Needs:
    from lib.config import Need, Use

    if args.expect is None:
        return {Need.DRAW_TLS}

    return {Need.DRAW_SCHEDULER, Need.DRAW_TLS, Use.PDF}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    if args.expect is not None:
        from lib.reports.hosts import connection

        return connection.expect(settings, args.expect)

    if not args.listen:
        raise UsageError("--listen is missing: the address of this host that the others reach")

    from lib.reports.hosts import services

    services.schedule(settings.draw, args.listen)
    return ExitCode.OK


if __name__ == "__main__":
    cli.main(
        "draw_scheduler",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
