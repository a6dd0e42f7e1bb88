"""Draw reports for the main host, as long as this host runs.

A service: it offers DRAW_PROCESSES drawing processes to the scheduler of
DRAW_SCHEDULER and listens at port 8788. It needs no database, portal or mail
server, and writes nothing but its log.

Example:
  python -m jobs.draw --address 10.0.0.12 --listen 0.0.0.0

Exit codes: 0 stopped by a signal, 2 wrong usage, 75 the scheduler is away or
the port is in use, 78 settings or certificates must be changed first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--address",
        metavar="HOST",
        help="where the scheduler reaches this host: a name or an address of it",
    )
    parser.add_argument(
        "--listen",
        metavar="ADDRESS",
        help="the address to listen at, 0.0.0.0 for all (default: that of --address)",
    )


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need, Use

    return {Need.DRAW_SCHEDULER, Need.DRAW_TLS, Use.PDF}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    if not args.address:
        raise UsageError("--address is missing: where the scheduler reaches this host")

    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib.reports.hosts import services

    services.draw(settings, args.address, args.listen or args.address)
    return ExitCode.OK


if __name__ == "__main__":
    cli.main(
        "draw",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
