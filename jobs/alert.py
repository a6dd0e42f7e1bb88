"""Notify operators that a unit has failed, or with --recovered that it works.

An alert is sent once for each cause, to ALERT_URLS; without them, or when no
channel takes it, by mail to the run-summary readers. For OnFailure= and
OnSuccess= of a unit. Wrong settings or a database that is away do not keep it
silent.

Example:
  python -m jobs.alert --unit simplify@daily.service --exit-code 75

Exit codes: 0 operators were notified or know already, 2 wrong usage,
75 no operator could be notified, 78 no way to notify an operator is set.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode, InvalidSettings

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unit",
        metavar="NAME",
        help="the systemd unit, such as simplify@daily.service",
    )
    parser.add_argument(
        "--exit-code",
        metavar="N",
        type=int,
        help="how it ended, as systemd says",
    )
    parser.add_argument(
        "--log",
        metavar="FILE",
        help="its log, - for stdin (default: JSON_LOG_FILE)",
    )
    cli.add_switch(
        parser,
        "--recovered",
        "it has succeeded: notify those who know that it failed",
    )


def needs(_args: argparse.Namespace) -> Needs:
    # An alert goes out although settings are missing: `load` asks for a channel only.
    return set()


def load(_needs: Needs) -> Settings:
    from lib import config

    settings = config.load_what_is_right()
    if not settings.alert_urls and not (settings.mail and settings.database_url):
        raise InvalidSettings(
            ["ALERT_URLS is missing: without it DATABASE_URL and REPORT_EMAIL_* are needed"]
        )

    return settings


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib.pipelines import alert

    request = alert.AlertRequest(args.unit, args.exit_code, args.log, args.recovered)
    return alert.run(settings, request)


if __name__ == "__main__":
    cli.main(
        "alert",
        __doc__,
        options=options,
        needs=needs,
        work=work,
        load=load,
    )
