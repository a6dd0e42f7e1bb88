"""The one door to psycopg2."""

from __future__ import annotations

import os
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy.exc
import stamina
from sqlalchemy import literal, make_url, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from demo.postgres import throwaway_postgres
from lib.db import engine as door
from lib.db import sessions
from lib.db.engine import connect
from lib.db.errors import DatabaseRefused, DatabaseUnavailable
from lib.errors import ConfigurationError, describe


@pytest.fixture(autouse=True)
def _no_waiting_between_attempts():
    with stamina.set_testing(True, attempts=door.CONNECT_ATTEMPTS):
        yield


@pytest.fixture
def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


def one(engine, question: str):
    with engine.connect() as connection:
        return connection.execute(text(question)).scalar_one()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg2", "postgresql+asyncpg"])
def test_every_form_of_url_connects(database, scheme):
    engine = connect(database.replace("postgresql", scheme, 1), application_name="tests")

    assert one(engine, "SELECT 1") == 1
    engine.dispose()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("TimeZone", "UTC"),
        ("application_name", "tests"),
        ("statement_timeout", "5min"),
        ("lock_timeout", "30s"),
        ("client_encoding", "UTF8"),
        ("tcp_keepalives_idle", "120"),
        ("tcp_keepalives_interval", "30"),
        ("tcp_keepalives_count", "4"),
    ],
)
def test_a_session_has_our_settings(engine, setting, value):
    assert one(engine, f"SHOW {setting}") == value


def test_a_silent_connection_is_asked_for_a_sign_of_life_after_minutes(engine):
    with engine.connect() as connection:
        said = connection.connection.dbapi_connection.info.dsn_parameters
        descriptor = connection.connection.dbapi_connection.fileno()
        with socket.socket(fileno=os.dup(descriptor)) as ours:
            idle = ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
            is_on = ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert (said["keepalives_idle"], idle, is_on) == ("120", 120, 1)


@pytest.mark.parametrize(
    "options",
    [
        "-cstatement_timeout=7s",
        "--statement-timeout=7s",
        "-c statement_timeout=7s -c search_path=a,b",
        "-c application_name=two\\ words -c statement_timeout=7s",
    ],
)
def test_every_form_of_an_option_is_understood(options):
    assert sessions.parse_options(options)["statement_timeout"] == "7s"


def test_another_option_is_a_setting_to_correct(database):
    with pytest.raises(ConfigurationError, match="must have the form -c name=value"):
        connect(f"{database}?options=-B%2016", application_name="tests")


def test_an_option_that_the_server_does_not_know_is_for_a_person(database):
    with pytest.raises(DatabaseRefused, match='unrecognized configuration parameter "colour"'):
        connect(f"{database}?options=-c%20colour%3Dblue", application_name="tests")


def test_options_in_the_url_are_kept_and_win(database):
    engine = connect(f"{database}?options=-c%20statement_timeout%3D7s", application_name="tests")

    assert (one(engine, "SHOW statement_timeout"), one(engine, "SHOW TimeZone")) == ("7s", "UTC")
    engine.dispose()


def test_a_password_with_odd_characters_connects(database_server, database):
    password = "p@ss:w/rd%41 #?"
    with database_server.administrator() as connection:
        connection.execute(
            text(f"CREATE ROLE odd LOGIN PASSWORD '{password.replace(':', chr(92) + ':')}'")
        )
    try:
        url = (
            make_url(database)
            .set(username="odd", password=password)
            .render_as_string(hide_password=False)
        )
        engine = connect(url, application_name="tests")
        assert one(engine, "SELECT current_user") == "odd"
        engine.dispose()
    finally:
        with database_server.administrator() as connection:
            connection.execute(text("DROP ROLE odd"))


def test_one_process_never_holds_more_than_its_share(engine):
    held = [engine.connect() for _ in range(door.POOL_SIZE)]
    engine.pool._timeout = 0
    with pytest.raises(sqlalchemy.exc.TimeoutError):
        engine.connect()
    for connection in held:
        connection.close()


def test_threads_share_the_pool(engine):
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda number: one(engine, f"SELECT {number}"), range(16))) == list(
            range(16)
        )


@pytest.mark.integration
def test_a_server_that_is_away_is_temporary_and_the_password_stays_secret(closed_port):
    with pytest.raises(DatabaseUnavailable) as caught:
        connect(
            f"postgresql://simplify:hush@127.0.0.1:{closed_port}/production",
            application_name="tests",
        )
    assert str(caught.value) == (
        f"cannot connect to the database 127.0.0.1:{closed_port}/production: Connection refused"
    )


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"password": "hush"}, "password authentication failed for user"),
        ({"username": "stranger"}, "password authentication failed for user"),
        ({"database": "nowhere"}, 'database "nowhere" does not exist'),
        ({"query": {"colour": "blue"}}, 'invalid connection option "colour"'),
    ],
    ids=["password", "user", "database", "option"],
)
def test_a_refusal_is_for_a_person_and_says_why(database, part, reason):
    url = make_url(database).set(**part).render_as_string(hide_password=False)
    with pytest.raises(DatabaseRefused, match=reason) as caught:
        connect(url, application_name="tests")

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (
            "ALTER DATABASE {name} ALLOW_CONNECTIONS false",
            (
                "is not currently accepting connections; it was closed to everybody; as its owner, in "
                "another database, type: ALTER DATABASE {name} ALLOW_CONNECTIONS true;"
            ),
        ),
        (
            "UPDATE pg_database SET datconnlimit = -2 WHERE datname = '{name}'",
            (
                'cannot connect to invalid database "{name}"; a DROP DATABASE of it was cut off, which '
                "nothing undoes; as its owner, in another database, type: DROP DATABASE {name}; then "
                "follow docs/how-to/restore.md"
            ),
        ),
        (
            "REVOKE CONNECT ON DATABASE {name} FROM PUBLIC",
            (
                'permission denied for database "{name}"; as the owner of the database, type: '
                "GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {role};"
            ),
        ),
        (
            "ALTER ROLE {role} NOLOGIN",
            (
                'role "{role}" is not permitted to log in; as the server\'s administrator, type: '
                "ALTER ROLE {role} LOGIN;"
            ),
        ),
    ],
    ids=["closed", "invalid", "no right", "no login"],
)
def test_a_refusal_that_the_right_address_meets_names_what_mends_it(
    database_server, empty_database, role, change, step
):
    url = make_url(empty_database).set(username=role, password="hush")
    names = {"name": url.database, "role": role}

    with database_server.administrator() as connection:
        connection.execute(sqlalchemy.text(change.format(**names)))

    with pytest.raises(DatabaseRefused) as caught:
        connect(url.render_as_string(hide_password=False), application_name="tests")

    assert str(caught.value).endswith(step.format(**names))


def connect_again_and_again(url):
    """Connect until it is refused: a server reads its file some time after it was asked to."""
    for _ in range(1000):
        connect(url, application_name="tests").dispose()


@pytest.mark.integration
@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("local all all trust", "no pg_hba.conf entry for host"),
        ("host all all all reject", "pg_hba.conf rejects connection for host"),
    ],
)
def test_a_server_that_lets_nobody_in_from_here_is_told_which_line_to_add(lines, said):
    with throwaway_postgres() as url:
        server = connect(url, application_name="tests")
        pg_hba = Path(one(server, "SHOW hba_file"))
        pg_hba.write_text(f"{lines}\n", encoding="utf-8")
        one(server, "SELECT pg_reload_conf()")
        server.dispose()

        with pytest.raises(DatabaseRefused) as caught:
            connect_again_and_again(url)

        added = re.search(
            r"pg_hba\.conf: (host .+), and types: SELECT pg_reload_conf\(\);$", str(caught.value)
        )
        assert said in str(caught.value)
        assert (
            "if it takes encrypted connections only, add ?sslmode=require to DATABASE_URL; else"
            in str(caught.value)
        )
        assert added is not None
        assert added[1] == "host postgres simplify 127.0.0.1/32 scram-sha-256"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            'FATAL:  no pg_hba.conf entry for host "2001:db8::7", user "s-1", database "d", SSL encryption',
            (
                "the server's administrator puts above the other lines of pg_hba.conf: "
                'hostssl d "s-1" 2001:db8::7/128 scram-sha-256, and types: SELECT pg_reload_conf();'
            ),
        ),
        ("FATAL:  SSL required", "refused us: SSL required; add ?sslmode=require to DATABASE_URL"),
        (
            'FATAL:  database "x" does not exist',
            'refused us: database "x" does not exist; correct DATABASE_URL',
        ),
        (
            "FATAL:  the database system is starting up",
            "cannot connect to the database h:5432/d: the database system",
        ),
        ("failed: No route to host", "cannot connect to the database h:5432/d: No route to host"),
        (
            "failed: FATAL:  login of u with hush denied by policy",
            "h:5432/d: its words are unknown to us; try psql",
        ),
        ("ERROR:  pooler says hush\n", "h:5432/d: its words are unknown to us; try psql"),
    ],
)
def test_of_what_stands_before_the_server_only_known_words_are_told(said, shown):
    problem = door._connect_error(
        make_url("postgresql://u:hush@h/d"), psycopg2.OperationalError(said)
    )

    assert shown in str(problem)
    assert "hush" not in str(problem)


@pytest.mark.parametrize("url", ["nonsense", "postgresql://u:hush@host:port/name", ""])
def test_what_is_no_url_is_a_setting_to_correct(url):
    with pytest.raises(ConfigurationError, match="DATABASE_URL is not a URL") as caught:
        connect(url, application_name="tests")
    assert "hush" not in str(caught.value)


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(engine, database_server):
    pid = one(engine, "SELECT pg_backend_pid()")
    with database_server.administrator() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend({pid}, 5000)"))

    assert one(engine, "SELECT 1") == 1


def test_a_connection_lost_in_the_middle_is_temporary(engine, database_server):
    with engine.connect() as connection, database_server.administrator() as administrator:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        administrator.execute(text(f"SELECT pg_terminate_backend({pid}, 5000)"))
        with pytest.raises(DatabaseUnavailable, match="run the job again"):
            connection.execute(text("SELECT 1"))


def test_a_lock_that_somebody_else_keeps_is_temporary(engine):
    with engine.begin() as holder, engine.connect() as waiting:
        holder.execute(text("LOCK TABLE documents"))
        waiting.execute(text("SET lock_timeout = 1"))
        with pytest.raises(DatabaseUnavailable, match=r"is busy \(SQLSTATE 55P03\)"):
            waiting.execute(text("SELECT count(*) FROM documents"))


def test_a_server_that_takes_nothing_for_now_is_temporary(engine):
    with engine.connect() as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(DatabaseUnavailable, match=r"is busy \(SQLSTATE 25006\)"):
            connection.execute(text("UPDATE pipelines SET description = description"))


def test_a_refused_row_is_the_callers_business_and_its_values_stay_hidden(engine):
    row = text(
        "INSERT INTO missed_leads (pickup_row_id, mobile_number, store_code) VALUES (1, :mobile, 'A668')"
    )
    with engine.connect() as connection:
        connection.execute(row, {"mobile": "5550001234"})
        with pytest.raises(IntegrityError) as caught:
            connection.execute(row, {"mobile": "5550001234"})
    said = describe(caught.value)

    assert said.startswith("IntegrityError: SQLSTATE 23505 missed_leads_pkey missed_leads")
    assert "5550001234" not in said


def test_every_kind_of_metric_survives_a_json_column(engine):
    said = {
        "revenue": Decimal("912450.50"),
        "rows": Decimal(12),
        "period": {"first": date(2025, 11, 10)},
        "at": datetime(2025, 11, 14, 2, 30, tzinfo=UTC),
        "stores": {"A817", "A668"},
        "name": "Kēralam ₹",
        "none": None,
    }
    with engine.connect() as connection:
        kept = connection.execute(select(literal(said, JSONB))).scalar_one()

    assert kept == {
        "revenue": 912450.5,
        "rows": 12,
        "period": {"first": "2025-11-10"},
        "at": "2025-11-14T02:30:00Z",
        "stores": ["A668", "A817"],
        "name": "Kēralam ₹",
        "none": None,
    }
