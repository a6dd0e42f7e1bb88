"""Say where the figures of a report come from: what was read when, by which run and rule.

In words, or as JSON; what is not known is said with its reason. Reads only: it
opens no run and writes nothing. Customers' rows are shown only with --rows.

Examples:
  python -m jobs.explain --store A668 --date 2025-11-14 --figure "Pickups"
  python -m jobs.explain --store A668 --period 2025-W46
  python -m jobs.explain --store ALL --period 2025-10 --json

Exit codes: 0 said, also that nothing is known, 2 wrong usage, such as a store
or a figure that there is not, 75 the database is away, 78 settings or schema
must be changed first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.domain.stores import ALL
from lib.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--store",
        metavar="CODE",
        help="the store, like A668, or ALL for the report of all stores",
    )
    cli.add_report(parser)
    parser.add_argument(
        "--figure",
        metavar="NAME",
        help="only what has these words in its name, or stands on this column",
    )
    cli.add_switch(parser, "--json", "print one JSON object")
    cli.add_switch(parser, "--rows", "also show the rows behind the lists: customers' data")


def needs(args: argparse.Namespace) -> Needs:
    from lib.config import Need

    # The report of all stores is about those that are set.
    is_of_all = (args.store or "").strip().upper() == ALL

    return {Need.DATABASE} | ({Need.REPORT_STORES} if is_of_all else set())


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    if not args.store:
        raise UsageError("say which store: --store A668, or --store ALL")

    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib import terminal
    from lib.pipelines import explain

    question = explain.question(
        settings,
        args.store,
        args.date,
        args.period,
        figure=args.figure,
        with_rows=args.rows,
    )
    answer = explain.explain(settings, args.run_id, question, as_json=args.json)

    if args.json:
        terminal.say(answer)
    else:
        terminal.say_lines(answer)

    return ExitCode.OK


if __name__ == "__main__":
    cli.main(
        "explain",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
