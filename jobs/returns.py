"""Read the filled-in forms that owners sent back, and keep what they say.

From the directory RETURNS_DIR, the mailbox RETURNS_IMAP_URL, or both; where
neither is set there is nothing to do. What a form says shows in the store's
next daily report where the portal still says otherwise. The sender of one that
cannot be read is told why, once.

Example:
  python -m jobs.returns

Exit codes: 0 all that came back is read or refused, 2 wrong usage, 75 the
database or the mail server is away, or a file could not be read yet: running
again does the rest, 78 settings or schema must be changed first.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lib import cli
from lib.errors import ExitCode

if TYPE_CHECKING:
    from lib.config import Needs, Settings


def options(_parser: argparse.ArgumentParser) -> None:
    """Add nothing: everything that came back is read."""


def needs(_args: argparse.Namespace) -> Needs:
    from lib.config import Need, Use

    return {Need.DATABASE, Use.RETURNS, Use.MAIL}


def work(settings: Settings, _args: argparse.Namespace) -> ExitCode:
    # Not before: `--help` and a refusal need none of it, and it takes most of a second.
    from lib.pipelines import returns

    return returns.run(settings)


if __name__ == "__main__":
    cli.main(
        "returns",
        __doc__,
        options=options,
        needs=needs,
        work=work,
    )
