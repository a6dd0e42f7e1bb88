"""Break a run on purpose, on a staging host, and judge what its promises are worth.

The last backup is restored into a scratch database; a daily run on it meets one
fault, chosen by chance, and is started again as the scheduler would. One page
says what was broken, which promises held and how long the recovery took. Mails
end in a server of the drill's own; the staging database, its files and its
readers are left alone. Refused unless DRILL_ALLOWED is true.

Examples:
  python -m jobs.drill
  python -m jobs.drill --fault mail --seed 7

Exit codes: 0 every promise held, 1 one was broken, 2 wrong usage, 75 the
database is away or the fault did not strike, 78 not allowed here, or settings
must be changed first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode

if TYPE_CHECKING:
    from lib.config import Needs, Settings

#: As lib.drill.model.Fault, which `--help` need not wait for; a test holds them equal.
FAULTS = ("kill", "database", "disk", "portal", "mail")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fault",
        choices=FAULTS,
        help="break this (default: one of them by chance)",
    )
    parser.add_argument(
        "--seed",
        metavar="NUMBER",
        type=int,
        help="choose as the drill with this seed did (default: a new one, which is logged)",
    )


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need, Use

    return {Need.DATABASE, Need.STORES, Need.REPORT_STORES, Need.PORTAL, Use.DRILL}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib.drill import permission

    permission.require(settings)

    from lib.pipelines import drill

    return drill.run(settings, args.run_id, drill.DrillRequest(args.fault, args.seed))


if __name__ == "__main__":
    cli.main(
        "drill",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
