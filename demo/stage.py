"""Portal simulator, mail sink and a throw-away PostgreSQL on loopback, until SIGTERM.

Writes to the directory: `settings.json` (the variables that point a job here, and CONTROL_URL),
`settings.env` (the same variables for a shell), `DATABASE_URL` (for DATABASE_URL_FILE) and
`mails/`. Loopback is the network namespace that the job's container shares.

Example: python -m demo.stage var/stage --stores 4
"""

from __future__ import annotations

import argparse
import json
import shlex
import signal
from collections.abc import Mapping
from pathlib import Path

from demo.mailbox import run_mailbox
from demo.portal import World, run_portal
from demo.postgres import throwaway_postgres

READY = """\
stage: portal, mail server and PostgreSQL are up until Ctrl-C. Next, in
another terminal, in this directory:
  set -a; . {directory}/settings.env; set +a
  make migrate db-check run-daily
"""
STOPS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def main() -> None:
    """Hold the stage until SIGTERM, Ctrl-C or the end of its terminal."""
    options = _options()
    options.directory.mkdir(parents=True, exist_ok=True)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)

    world = World(options.stores)
    with (
        throwaway_postgres() as url,
        run_portal(world, port=options.portal_port) as portal,
        run_mailbox(options.directory / "mails", port=options.mail_port) as mailbox,
    ):
        settings = {
            **portal.settings,
            "DATABASE_URL": url,
            "RUN_ENV": "local",
            "REPORT_EMAIL_SMTP_HOST": mailbox.host,
            "REPORT_EMAIL_SMTP_PORT": str(mailbox.port),
            "REPORT_EMAIL_FROM": "reports@example.invalid",
            "REPORT_EMAIL_USE_TLS": "false",
        }

        _write(options.directory / "DATABASE_URL", url)
        _write(
            options.directory / "settings.json",
            json.dumps({**settings, "CONTROL_URL": portal.control_url}),
        )

        _write(options.directory / "settings.env", _for_a_shell(settings))
        print(READY.format(directory=options.directory), flush=True)
        signal.sigwait(STOPS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.stage", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--stores", type=int, default=16)
    parser.add_argument("--portal-port", type=int, default=0, help="of both hosts; 0: any free one")
    parser.add_argument("--mail-port", type=int, default=0, help="0: any free one")

    return parser.parse_args()


def _for_a_shell(settings: Mapping[str, str]) -> str:
    """Return the variables as lines that a POSIX shell reads."""
    found = []

    for name, value in settings.items():
        found.append(f"{name}={shlex.quote(value)}\n")

    return "".join(found)


def _write(file: Path, text: str) -> None:
    """Put `text` under its final name at once, for its owner only."""
    unfinished = file.with_name(f"{file.name}.part")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.rename(file)


if __name__ == "__main__":
    main()
