"""A real PgBouncer before PostgreSQL: by session it works, by transaction it is refused.

Elsewhere than on Debian, or without its package `pgbouncer`, there is nothing to try it on.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest
import stamina
from sqlalchemy import make_url, text

from lib.db import engine as door
from lib.db import migrations
from lib.db.engine import connect
from lib.db.errors import DatabaseRefused
from lib.db.health import examine
from lib.errors import ExitCode
from lib.model import Pipeline, Status
from lib.run.lock import LockHeld, locked
from tests.programs import messages, run_job

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed here"),
]

CONFIGURATION = """
[databases]
{database} = host={host} port={port} user={user} password='{password}'

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
{more}
"""


@pytest.fixture(autouse=True)
def _no_waiting_between_attempts():
    with stamina.set_testing(True, attempts=door.CONNECT_ATTEMPTS):
        yield


@contextmanager
def pooler(database, directory, mode="session", more=""):
    """Yield the URL of the database behind a PgBouncer of that pool mode."""
    url = make_url(database)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen_port = probe.getsockname()[1]
    configuration = directory / "pgbouncer.ini"
    configuration.write_text(
        CONFIGURATION.format(
            database=url.database,
            host=url.host,
            port=url.port or 5432,
            user=url.username,
            password=url.password,
            listen_port=listen_port,
            mode=mode,
            more=more,
        )
    )
    # PgBouncer does not run as root
    user = ["-u", "nobody"] if getpass.getuser() == "root" else []
    with (directory / "pgbouncer.log").open("w") as log:
        process = subprocess.Popen([PROGRAM, "-q", *user, configuration], stdout=log, stderr=log)
    try:
        wait_for(listen_port, process)
        yield url.set(host="127.0.0.1", port=listen_port).render_as_string(hide_password=False)
    finally:
        process.kill()
        process.wait()


def wait_for(port, process):
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("PgBouncer did not start; see pgbouncer.log")


def test_by_session_the_schema_is_made_checked_and_a_run_locked(empty_database, tmp_path):
    with pooler(empty_database, tmp_path) as url:
        engine = connect(url, application_name="tests")
        assert migrations.upgrade(engine)[-1] == migrations.head()
        with engine.connect() as connection:
            settings = [
                connection.execute(text(f"SHOW {name}")).scalar_one()
                for name in ("TimeZone", "statement_timeout", "lock_timeout", "client_encoding")
            ]
            assert settings == ["UTC", "5min", "30s", "UTF8"]
            checks = {check.name: check.status for check in examine(connection)}
        assert (checks["tables"], checks["privileges"]) == (Status.OK, Status.OK)
        with locked(engine, Pipeline.DAILY):
            other = connect(url, application_name="tests")
            with pytest.raises(LockHeld), locked(other, Pipeline.DAILY):
                pytest.fail("two runs at once")
            other.dispose()
        engine.dispose()


def test_options_of_the_url_reach_the_session_and_those_of_the_environment_do_not(
    database, tmp_path, monkeypatch
):
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=1s")
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    with pooler(database, tmp_path) as url:
        engine = connect(f"{url}?options=-c%20lock_timeout%3D7s", application_name="tests")
        with engine.connect() as connection:
            settings = [
                connection.execute(text(f"SHOW {name}")).scalar_one()
                for name in ("lock_timeout", "statement_timeout", "client_encoding")
            ]
        engine.dispose()

    assert settings == ["7s", "5min", "UTF8"]


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize("more", ["", "server_round_robin = 1", "min_pool_size = 4"])
def test_by_transaction_it_is_refused_whichever_session_it_gives(database, tmp_path, mode, more):
    with (
        pooler(database, tmp_path, mode, more) as url,
        pytest.raises(DatabaseRefused) as caught,
    ):
        connect(url, application_name="tests")

    assert caught.value.exit_code is ExitCode.CONFIGURATION
    assert "set pool_mode = session" in str(caught.value)


def test_a_job_says_so_and_ends_with_78(database, tmp_path):
    with pooler(database, tmp_path, "transaction") as url:
        done = run_job("db_check", cwd=tmp_path, DATABASE_URL=url)

    assert done.returncode == ExitCode.CONFIGURATION
    assert "set pool_mode = session" in messages(done)[-1]


def test_a_database_that_the_pooler_does_not_know_is_for_a_person(database, tmp_path):
    with pooler(database, tmp_path) as url:
        other = make_url(url).set(database="nowhere").render_as_string(hide_password=False)
        with pytest.raises(DatabaseRefused, match=r"bouncer config error|no such database"):
            connect(other, application_name="tests")
