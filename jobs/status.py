"""Show what is missing today, what ran, what is undelivered and what to do.

The first line names the stores that have no report today and the owners whose
mail was refused. A row that says `running` although its process is gone is
closed as `error`; nothing else is written.

Examples:
  python -m jobs.status
  python -m jobs.status --html
  python -m jobs.status --prometheus /var/lib/prometheus/node-exporter/simplify.prom

Exit codes: 0 shown, whatever it was, 2 wrong usage, 75 the database is away,
78 settings or schema must be changed first.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode

if TYPE_CHECKING:
    from lib.config import Needs, Settings


#: Where the page goes by default: beside what else a checkout makes, which git ignores.
PAGE = Path("var/status.html")


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

    parser.add_argument(
        "--prometheus",
        metavar="PATH",
        type=Path,
        help="write metrics for the node exporter's textfile collector",
    )


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need, Use

    return {Need.DATABASE, Use.STORES, Use.REPORT_STORES, Use.CATCH_UP, Use.DEADLINES}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib import log, terminal
    from lib.pipelines import status

    seen = status.overview(
        settings,
        args.run_id,
        with_telemetry=args.prometheus is not None,
    )

    # A directory that somebody names has to exist; a slip must not make one.
    if args.html == PAGE:
        PAGE.parent.mkdir(exist_ok=True)

    if args.html:
        status.write_page(seen, settings.zone, args.html, settings.command)
        log.ok(f"the status page is {args.html.absolute()}", path=args.html.absolute())

    if args.prometheus:
        # Only here: nobody else should wait for the library.
        from lib.pipelines.status.prometheus import write_metrics

        write_metrics(seen, args.prometheus)
        log.ok(f"the metrics are in {args.prometheus.absolute()}", path=args.prometheus.absolute())

    if args.json:
        terminal.say(status.as_json(seen, settings.command))
    elif not args.html and not args.prometheus:
        status.on_terminal(seen, settings.zone, settings.command)

    return ExitCode.OK


if __name__ == "__main__":
    cli.main(
        "status",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
