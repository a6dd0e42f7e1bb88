"""Make a run that has ended again with this code, and show what is different.

What is stored of the run goes through this code in a schema of its own, which
is dropped: rows, figures, texts of reports, mails. The real tables and files
are only read, no mail is sent, the portal is not asked. It is how a change of
a rule is reviewed. What is not kept any more is said, and is not equal.

Example:
  python -m jobs.replay_run --run-id 20251115_004500123456

Exit codes: 0 no difference in what could be compared, 1 something is
different, 2 wrong usage, 75 the database is away or a report could not be
drawn now, 78 settings or schema must be changed first.
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
        "--run-id",
        metavar="ID",
        dest="replayed",
        help="the run, as its mail and jobs.status name it",
    )
    cli.add_switch(parser, "--json", "print one JSON object")
    cli.add_switch(parser, "--rows", "also show lines that may be customers' data")


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need, Use

    return {Need.DATABASE, Use.REPORT_STORES, Use.FILES, Use.PDF, Use.DRAW, Use.MAIL}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    if not args.replayed:
        raise UsageError("say which run: --run-id ID")

    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib import terminal
    from lib.pipelines import replay_run

    result = replay_run.replay(settings, args.replayed)

    if args.json:
        terminal.say(replay_run.as_json(result, with_rows=args.rows))
    else:
        terminal.say_lines(replay_run.as_text(result, settings.zone, with_rows=args.rows))

    if result.differences:
        return ExitCode(1)

    return ExitCode.TEMPORARY if result.has_failed else ExitCode.OK


if __name__ == "__main__":
    cli.main(
        "replay_run",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
