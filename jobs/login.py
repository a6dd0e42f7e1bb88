"""Make or renew the saved portal session that the daily job begins with.

A session that still opens the portal is kept. --headed opens a window in which
a person logs in, for a first login or when the portal wants proof of a human;
the rest happens by itself. Needs no database.

Example:
  python -m jobs.login --headed

Exit codes: 0 the saved session opens the portal, 2 wrong usage, 75 the portal
is away or the account is in use by another process, 78 the portal refuses the
login, or settings must be changed first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode
from lib.model import Phase

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(parser: argparse.ArgumentParser) -> None:
    cli.add_stores(parser)
    cli.add_switch(parser, "--headed", "open a window and let a person log in")


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need

    return {Need.STORES, Need.PORTAL}


def work(settings: Settings, args: argparse.Namespace) -> ExitCode:
    stores = cli.chosen(settings.stores, args.stores)

    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib import log, portal

    with log.phase(Phase.LOGIN), portal.connect(settings.portal) as client:
        outcome = client.log_in_by_hand(stores) if args.headed else client.log_in(stores)
        log.ok(f"the portal session stands: {outcome}", path=settings.portal.storage_state)

    return ExitCode.OK


if __name__ == "__main__":
    cli.main(
        "login",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
