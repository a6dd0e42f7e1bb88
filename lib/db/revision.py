"""Whether the schema is at the newest revision, asked at the start of every run.

Without Alembic, whose import costs a third of a second: `lib.db.migrations` is for the rest.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

SCRIPTS = Path(__file__).parents[2] / "alembic"


def newest() -> str:
    """Return the last of our revisions: a file has its name, which begins with its number."""
    return max(file.stem for file in SCRIPTS.glob("versions/*.py"))


def is_newest(connection: Connection) -> bool:
    """Return True if the database is at the newest revision; False if at any other, or at none."""
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return False

    found = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    return found == [newest()]
