"""Where the tests themselves get a database from.

In order, in bounded time, and without touching what is there.
"""

from __future__ import annotations

import os
import shutil
import socket
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import make_url, text

from tests import databases
from tests.plugins import temporary

pytestmark = pytest.mark.integration


@pytest.fixture
def no_engine(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")


@pytest.fixture
def silent_engine(monkeypatch):
    """A Docker engine that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{listener.getsockname()[1]}")
        yield


@pytest.fixture
def own_server(monkeypatch):
    @contextmanager
    def throwaway(place):
        yield "postgresql://our-own"

    monkeypatch.setattr(databases, "throwaway_postgres", throwaway)


def test_a_server_that_is_named_comes_first(own_server):
    with databases.server({"TEST_DATABASE_URL": "postgresql://named"}) as server:
        assert (server.url, server.origin) == ("postgresql://named", "TEST_DATABASE_URL")


def test_a_container_comes_next(monkeypatch, own_server, tmp_path):
    _container_program(
        monkeypatch,
        tmp_path,
        "import sys; print('postgresql://contained', flush=True); sys.stdin.read()",
    )
    with databases.server({}) as server:
        assert (server.url, server.origin) == ("postgresql://contained", "a container")


def test_programs_that_are_chosen_come_before_a_container(monkeypatch, own_server, tmp_path):
    _container_program(
        monkeypatch,
        tmp_path,
        "import sys; print('postgresql://contained', flush=True); sys.stdin.read()",
    )
    with databases.server({"POSTGRES_BIN": "/usr/lib/postgresql/18/bin"}) as server:
        assert server.url == "postgresql://our-own"


@pytest.mark.parametrize("engine_state", ["no_engine", "silent_engine"])
def test_without_a_docker_engine_it_is_our_own(own_server, engine_state, request):
    request.getfixturevalue(engine_state)
    with databases.server({}) as server:
        assert (server.url, server.origin) == (
            "postgresql://our-own",
            "demo.postgres, thrown away after the run",
        )


@pytest.mark.parametrize(
    ("disk", "room_bytes", "place"),
    [
        pytest.param("shm", 0, "shm", id="with room"),
        pytest.param("shm", 2**60, None, id="small, as in a container"),
        pytest.param("none", 0, None, id="missing"),
    ],
)
def test_our_own_is_in_memory_where_there_is_room(monkeypatch, tmp_path, disk, room_bytes, place):
    (tmp_path / "shm").mkdir()
    monkeypatch.setattr(databases, "MEMORY", tmp_path / disk)
    monkeypatch.setattr(databases, "ROOM_BYTES", room_bytes)

    assert databases.memory() == (place and tmp_path / place)


@pytest.mark.parametrize(
    ("flags", "is_used"),
    [
        pytest.param(os.ST_NOSUID, True, id="as Debian mounts it"),
        pytest.param(os.ST_NOSUID | os.ST_NOEXEC, False, id="as Docker does"),
    ],
)
def test_temporary_files_are_in_memory_where_programs_may_start(
    monkeypatch, tmp_path, flags, is_used
):
    monkeypatch.setattr(databases, "MEMORY", tmp_path)
    monkeypatch.setattr(databases, "ROOM_BYTES", 0)
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_flag=flags))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1))

    assert temporary.memory() == (tmp_path if is_used else None)


def test_a_pull_that_takes_too_long_is_given_up(monkeypatch, own_server, tmp_path):
    _container_program(monkeypatch, tmp_path, "import signal; signal.pause()")
    monkeypatch.setattr(databases, "CONTAINER_TIMEOUT_S", 0.1)
    with databases.server({}) as server:
        assert server.url == "postgresql://our-own"


def _container_program(monkeypatch, place, program):
    (place / "tests").mkdir()
    (place / "tests" / "container.py").write_text(program)
    monkeypatch.setattr(databases, "ROOT", place)


def test_databases_come_and_go_and_others_stay(database_server, database):
    """Another process of the tests may create its own on a server that TEST_DATABASE_URL names."""

    def names():
        with database_server.administrator() as connection:
            query = text("SELECT datname FROM pg_database ORDER BY 1")
            return set(connection.execute(query).scalars())

    def of_others(found):
        return {name for name in found if not name.startswith(databases.PREFIX)}

    before = names()
    with database_server.database() as first, database_server.database() as second:
        during = names()
    after = names()

    ours = {first, second}
    assert ours <= during - before
    assert ours & after == set()
    assert of_others(before) == of_others(during) == of_others(after) != set()
    assert make_url(database).database in after
    assert all(name.startswith(databases.PREFIX) for name in ours)


def test_texts_sort_the_same_on_every_server(database_server, engine):
    with engine.connect() as connection:
        said = connection.execute(
            text(
                "SELECT datcollate || ' ' || pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
            )
        ).scalar_one()
    assert said == "C.UTF-8 UTF8"
