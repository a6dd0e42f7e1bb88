"""Clusters of Debian's PostgreSQL in a root that is thrown away, and what people type there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/how-to/upgrade-postgresql.md").read_text(encoding="utf-8")
PORT = 5432
OLD, NEW = "15", "18"
LOCALE = "en_IN.UTF-8"
"""What an operator's machine may have: the C library says in which order its texts are."""
TIMEOUT_S = 600


def is_thrown_away() -> bool:
    """Return True in the root of `make test-servers`: whatever clusters it has may go."""
    return os.environ.get("THROW_AWAY_ROOT") == "yes"


def programs(version: str) -> Path:
    """Return the folder of the server's programs."""
    return Path("/usr/lib/postgresql", version, "bin")


def run(command: str, account: str = "root") -> subprocess.CompletedProcess[str]:
    """Run a command in a new shell of an account."""
    return subprocess.run(
        ["su", "-", account, "-c", command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def shell(command: str, account: str = "root") -> str:
    """Return what a command prints that ends well."""
    return printed(run(command, account))


def printed(done: subprocess.CompletedProcess[str]) -> str:
    """Return what was printed; the command ended well."""
    assert done.returncode == 0, (done.args, done.stdout[-4000:], done.stderr[-4000:])
    return done.stdout


def typed(beginning: str) -> str:
    """Return the one command of the page that begins so, whole."""
    found = re.findall(rf"^ *({re.escape(beginning)}.*)$", PAGE, re.MULTILINE)
    found += re.findall(rf"`({re.escape(beginning)}[^`]*)`", PAGE)
    assert len(found) == 1, (beginning, found)
    return found[0]


def ask(question: str) -> str:
    """Return the superuser's answer, one row a line."""
    return shell(f'psql --no-psqlrc -v ON_ERROR_STOP=1 -qtA -c "{question}"', "postgres").strip()


def url_of(role: str, database: str = "") -> str:
    """Return the URL of a database, by default the one that has the role's name."""
    return f"postgresql://{role}:{role}@127.0.0.1:{PORT}/{database or role}"


def give_role(name: str) -> None:
    """Make a role and a database of its own, as docs/how-to/restore.md says."""
    ask(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
    ask(f"CREATE DATABASE {name} OWNER {name}")
