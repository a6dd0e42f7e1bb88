"""The last backup: which file it is, and how it is restored."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from lib.errors import ConfigurationError

#: As docs/how-to/restore.md names them.
PATTERN = "*.dump"
PROGRAM = "pg_restore"
#: Where Debian has it, by version. The one on PATH is a wrapper that needs Perl, which the image
#: has not.
DEBIAN = Path("/usr/lib/postgresql")
RESTORE_TIMEOUT_S = 3600
#: The first bytes of what `pg_dump --format=custom` writes.
_MAGIC = b"PGDMP"


@dataclass(frozen=True)
class Backup:
    """A file of `pg_dump --format=custom`."""

    path: Path
    #: Aware, UTC: when the file was last written.
    written_at: datetime
    size_bytes: int


def newest(directory: Path) -> Backup:
    """Return the youngest backup of DRILL_BACKUPS. Raise ConfigurationError if there is none."""
    found: list[Backup] = []

    for path in directory.glob(PATTERN):
        status = path.stat()
        at = datetime.fromtimestamp(status.st_mtime, UTC)
        found.append(Backup(path, at, status.st_size))

    if not found:
        raise ConfigurationError(
            f"DRILL_BACKUPS names {directory}, where no {PATTERN} is; make one: pg_dump"
            f" --format=custom --file={directory / 'simplify.dump'} URL"
        )

    return max(found, key=lambda backup: (backup.written_at, backup.path.name))


def program() -> Path:
    """Return the newest pg_restore of this machine. Raise ConfigurationError if there is none."""
    found = sorted(DEBIAN.glob(f"*/bin/{PROGRAM}"), key=_version)

    if found:
        return found[-1]

    on_path = shutil.which(PROGRAM)
    if on_path is None:
        raise ConfigurationError(
            f"{PROGRAM} is not installed here; on Debian: apt-get install postgresql-client"
        )

    return Path(on_path)


def _version(path: Path) -> int:
    name = path.parents[1].name
    return int(name) if name.isdecimal() else 0


def restore(backup: Backup, database_url: str) -> str:
    """Restore into an empty database; return what was wrong, empty if nothing was.

    What the program prints quotes rows, so of it only the exit code is used.
    """
    with backup.path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return f"{backup.path.name} is no backup: pg_dump --format=custom did not write it"

    url = make_url(database_url).set(drivername="postgresql")
    # The list of processes shows arguments to everybody.
    environment = os.environ | {"PGPASSWORD": str(url.password or "")}
    target = url._replace(password=None).render_as_string(hide_password=False)

    command = [
        str(program()),
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        f"--dbname={target}",
        str(backup.path),
    ]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=RESTORE_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        return f"{PROGRAM} of {backup.path.name} was not done after {RESTORE_TIMEOUT_S} s"

    if done.returncode:
        return (
            f"{PROGRAM} of {backup.path.name} ended with {done.returncode}; by hand, into an empty"
            " database, it says why"
        )

    return ""
