"""Which PostgreSQL server the tests use, and databases of their own on it."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, make_url, text

from demo.postgres import throwaway_postgres
from lib.db import engine, migrations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

IMAGE = "postgres:15-alpine"
ENGINE_TIMEOUT_S = 3
PULL_TIMEOUT_S = 120
PREFIX = "simplify_test_"
"""Of every database that the tests create, so that nothing else on the server is ever touched."""

# Runs in a process of its own, because a pull has no time-out of its own.
HAVE_IMAGE = """
import sys, docker
client = docker.from_env(timeout=float(sys.argv[2]))
client.ping()
client.images.list(name=sys.argv[1]) or docker.from_env().images.pull(sys.argv[1])
"""


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
        return make_url(self.url).set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Yield the name of a new copy of `template`; drop it afterwards, whoever is still connected."""
        name = PREFIX + uuid.uuid4().hex[:16]
        with self.administrator() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        try:
            yield name
        finally:
            with self.administrator() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Yield the name of a migrated and seeded database to copy from; nobody may be connected to it."""
        with self.database() as name:
            door = engine.connect(self.url_of(name), application_name="tests")
            migrations.upgrade(door)
            door.dispose()
            yield name

    @contextmanager
    def administrator(self) -> Iterator[Connection]:
        """Yield a connection that commits every statement."""
        door = create_engine(make_url(self.url).set(drivername="postgresql+psycopg2"), isolation_level="AUTOCOMMIT")
        with door.connect() as connection:
            yield connection
        door.dispose()


@contextmanager
def server(environ: Mapping[str, str] = os.environ) -> Iterator[Server]:
    """Yield the first of: the server of TEST_DATABASE_URL, one in a container, a throw-away one of our own."""
    if url := environ.get("TEST_DATABASE_URL"):
        yield Server(url, "TEST_DATABASE_URL")
        return
    if _docker_has_image():
        with _container() as url:
            yield Server(url, f"the container image {IMAGE}")
        return
    with throwaway_postgres() as url:
        yield Server(url, "demo.postgres, thrown away after the run")


def _docker_has_image() -> bool:
    """Tell whether a Docker engine answers and has the image, or could pull it in PULL_TIMEOUT_S."""
    command = [sys.executable, "-c", HAVE_IMAGE, IMAGE, str(ENGINE_TIMEOUT_S)]
    with suppress(subprocess.TimeoutExpired):
        return subprocess.run(command, capture_output=True, check=False, timeout=PULL_TIMEOUT_S).returncode == 0
    return False


@contextmanager
def _container() -> Iterator[str]:
    from testcontainers.postgres import PostgresContainer

    with PostgresContainer(IMAGE, driver=None) as container:
        yield container.get_connection_url()
