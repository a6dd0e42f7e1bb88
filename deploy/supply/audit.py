"""Asks PyPI's advisories about every locked package: `make audit`.

Exit 1 when one is known to be vulnerable.

deploy/supply/excuses.toml names what is excused, why and until when. A package that PyPI does not
answer for is a failure, too: silence is no clean bill.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXCUSES = ROOT / "deploy" / "supply" / "excuses.toml"
LOCKS = (
    "requirements.lock",
    "requirements-demo.lock",
    "requirements-dev.lock",
    "requirements-install.lock",
    "requirements-supply.lock",
    "deploy/ansible/requirements.lock",
)


@dataclass(frozen=True)
class Excuse:
    """One vulnerability that a release may have on every day before `until`."""

    id: str
    package: str
    reason: str
    written: dt.date
    until: dt.date


def excuses(file: Path = EXCUSES) -> list[Excuse]:
    """All excuses, expired ones included.

    TypeError or KeyError when one lacks a field or has one too many.
    """
    return [Excuse(**entry) for entry in tomllib.loads(file.read_text())["excuse"]]


def excused(known: Iterable[Excuse], today: dt.date) -> list[str]:
    """Identifiers that `today` are still excused."""
    return [excuse.id for excuse in known if today < excuse.until]


def command(lock: str, ignored: Iterable[str]) -> list[str]:
    """How pip-audit is asked about one lock file, without resolving anything again."""
    options = [
        "--strict",
        "--progress-spinner=off",
        "--disable-pip",
        "--require-hashes",
        "-r",
        lock,
    ]

    return ["pip-audit", *options, *(f"--ignore-vuln={name}" for name in ignored)]


def main() -> int:
    """Ask about each lock; 1 when any of them is not clean."""
    ignored = excused(excuses(), dt.datetime.now(tz=dt.UTC).date())
    tools = Path(sys.executable).parent
    codes = []

    for lock in LOCKS:
        program, *words = command(lock, ignored)
        codes.append(
            subprocess.run([tools / program, *words], cwd=ROOT, timeout=600, check=False).returncode
        )

    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
