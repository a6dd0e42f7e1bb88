"""Tell what ran, what is missing or stale, what is undelivered, and which commands mend it.

A row that says `running` although its process is gone is closed as `error`; nothing else is written.

Examples:
  python -m jobs.status
  python -m jobs.status --html

Exit codes: 0 told, whatever it was, 2 wrong usage, 75 the database is away, 78 settings or schema must be changed
first.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode

if TYPE_CHECKING:
    from lib.config import Needs, Settings


PAGE = Path("var/status.html")
"""Where the page goes unless it is told: beside what else a checkout makes, out of git's sight."""


def options(parser: argparse.ArgumentParser) -> None:
    cli.add_switch(parser, "--json", "print one JSON object")
    parser.add_argument(
        "--html",
        metavar="PATH",
        type=Path,
        nargs="?",
        const=PAGE,
        help=f"write one static page that loads nothing (default: {PAGE})",
    )


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need, Use

    return {Need.DATABASE, Use.STORES, Use.REPORT_STORES, Use.CATCH_UP}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    from lib import log, terminal
    from lib.pipelines import status

    seen = status.overview(settings, args.run_id)
    if args.html == PAGE:
        PAGE.parent.mkdir(exist_ok=True)
    if args.html:
        status.write_page(seen, settings.zone, args.html)
        log.ok(f"the status page is {args.html.absolute()}", path=args.html.absolute())
    if args.json:
        terminal.say(status.as_json(seen))
    elif not args.html:
        status.on_terminal(seen, settings.zone)
    return ExitCode.OK


if __name__ == "__main__":
    cli.main("status", __doc__, options=options, needs=needs, work=work)
