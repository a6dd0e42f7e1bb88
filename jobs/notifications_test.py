"""Check whether the mails of a run could all be sent.

Looks at the mail server and its login, at the rows, and at each mail with its
readers and files. Nothing is sent unless --send-to names an address, which then
gets one mail of each run and is its only reader. Without --run-id the latest
run of each pipeline is looked at.

Example:
  python -m jobs.notifications_test --preview var/preview

Exit codes: 0 all could go (warnings may be listed), 2 wrong usage, 75 the
server or the database is out of reach, 78 a person must change a setting, a
row or a template first: what is printed says which.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode
from lib.model import Pipeline

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pipeline",
        choices=[str(code) for code in Pipeline],
        help="only this one",
    )
    parser.add_argument(
        "--run-id",
        metavar="ID",
        dest="of_run",
        help="the mails of this run",
    )
    parser.add_argument(
        "--preview",
        metavar="DIR",
        type=Path,
        help="write each mail there as .eml and .html",
    )
    parser.add_argument(
        "--send-to",
        metavar="ADDRESS",
        help="send one mail of each run to this address only",
    )


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need, Use

    return {Need.DATABASE, Need.MAIL, Use.REPORT_STORES}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib import terminal
    from lib.pipelines import notification_check

    request = notification_check.CheckRequest(
        args.pipeline,
        args.of_run,
        args.preview,
        args.send_to,
    )

    return notification_check.run(settings, request, terminal.say_lines)


if __name__ == "__main__":
    cli.main(
        "notifications_test",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
