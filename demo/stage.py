"""What a job in a container meets: portal simulator, mail sink and a throw-away PostgreSQL on loopback, until SIGTERM.

Writes to the directory: `settings.json` (the variables that point a job here, and CONTROL_URL), `DATABASE_URL` (for
DATABASE_URL_FILE) and `mails/`. Loopback is the network namespace that the job's container shares.

Example: python -m demo.stage /stage --stores 4
"""

from __future__ import annotations

import argparse
import json
import signal
from pathlib import Path

from demo.mailbox import run_mailbox
from demo.portal import World, run_portal
from demo.postgres import throwaway_postgres


def main() -> None:
    """Hold the stage until SIGTERM or Ctrl-C."""
    options = _options()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
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
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.stage", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--stores", type=int, default=16)
    parser.add_argument("--portal-port", type=int, default=0, help="of both hosts; 0: any free one")
    parser.add_argument("--mail-port", type=int, default=0, help="0: any free one")
    return parser.parse_args()


def _write(file: Path, text: str) -> None:
    """Put `text` under its final name at once, for its owner only."""
    unfinished = file.with_name(f"{file.name}.part")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.rename(file)


if __name__ == "__main__":
    main()
