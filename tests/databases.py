"""Which PostgreSQL server the tests use, and databases of their own on it."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import uuid
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, make_url, text

from demo.postgres import throwaway_postgres
from demo.postgres_binaries import CHOICE
from lib.db import engine, migrations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, Engine

ROOT = Path(__file__).parents[1]
CONTAINER_TIMEOUT_S = 150
"""For an engine to pull the image and start a container.

Without an engine the answer takes a moment.
"""
MEMORY = Path("/dev/shm")
ROOM_BYTES = 2**30
"""Ten times what the server takes when all tests have run."""
BY_FILES_FROM = 150_000
"""The version of PostgreSQL that copies a database through its log unless it is told otherwise."""
PREFIX = "simplify_test_"
"""Of every database that the tests create, so that nothing else on the server is ever touched."""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server on which we may create databases."""

    url: str
    origin: str
    """Where it came from, for the people who read the run's output."""

    def describe(self) -> str:
        with self.administrator() as connection:
            return f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar_one()} from {self.origin}"

    def url_of(self, name: str) -> str:
        """Return the URL of a database, in the form that an operator would write."""
        return (
            make_url(self.url)
            .set(drivername="postgresql", database=name)
            .render_as_string(hide_password=False)
        )

    @contextmanager
    def database(self, template: str = "template0", order: str = "") -> Iterator[str]:
        """Yield the name of a new copy of `template`.

        `order` is a clause of another order of texts than C's, for a copy of template0. Drop it
        afterwards, whoever is still connected.
        """
        name = PREFIX + uuid.uuid4().hex[:16]
        with self.administrator() as connection:
            # the same order of texts on every server; a copy has its template's
            locale = f"ENCODING 'UTF8' LOCALE 'C.UTF-8' {order}" if template == "template0" else ""
            connection.execute(
                text(f"CREATE DATABASE {name} TEMPLATE {template} {locale} {self._strategy}")
            )
        try:
            yield name
        finally:
            with self.administrator() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Yield the name of a migrated and seeded database to copy from.

        Nobody may be connected to it.
        """
        with self.database() as name:
            door = engine.connect(self.url_of(name), application_name="tests")
            migrations.upgrade(door)
            door.dispose()
            yield name

    @contextmanager
    def administrator(self) -> Iterator[Connection]:
        """Yield a connection that commits every statement."""
        with self._administrators.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close the administrator's connections; with the next use they are opened again."""
        self._administrators.dispose()

    @cached_property
    def _administrators(self) -> Engine:
        # a server may have been crashed since the last use
        return create_engine(
            make_url(self.url).set(drivername="postgresql+psycopg2"),
            isolation_level="AUTOCOMMIT",
            pool_pre_ping=True,
        )

    @cached_property
    def _strategy(self) -> str:
        """How to copy a database.

        By files, in half the time, which PostgreSQL calls its way up to 14.
        """
        with self.administrator() as connection:
            version = connection.execute(text("SHOW server_version_num")).scalar_one()
        return "STRATEGY FILE_COPY" if int(version) >= BY_FILES_FROM else ""


@contextmanager
def server(environ: Mapping[str, str] = os.environ) -> Iterator[Server]:
    """Yield the first of: the server of TEST_DATABASE_URL, one in a container, a throw-away one of our own.

    With POSTGRES_BIN nobody asks for a container, which has a version of its own.
    """
    if url := environ.get("TEST_DATABASE_URL"):
        with closing(Server(url, "TEST_DATABASE_URL")) as named:
            yield named
        return
    with nullcontext("") if environ.get(CHOICE) else container() as url:
        if url:
            with closing(Server(url, "a container")) as contained:
                yield contained
            return
    with (
        throwaway_postgres(place=memory()) as url,
        closing(Server(url, "demo.postgres, thrown away after the run")) as own,
    ):
        yield own


def memory() -> Path | None:
    """Return the memory disk, where a database is copied in a third of the time.

    None where it is missing or small.
    """
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES else None


@contextmanager
def container() -> Iterator[str]:
    """Yield the URL of a PostgreSQL in a container.

    Empty where there is none within CONTAINER_TIMEOUT_S.
    """
    holder = subprocess.Popen(
        [sys.executable, "-m", "tests.container"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with holder:
        try:
            answered, _, _ = select.select([holder.stdout], [], [], CONTAINER_TIMEOUT_S)
            url = holder.stdout.readline().strip() if answered else ""
            if not url:
                holder.kill()
            yield url
        finally:
            holder.stdin.close()
