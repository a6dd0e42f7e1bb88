"""Fixtures for tests that need PostgreSQL; the end of the run says which servers they were on."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import make_url, text

from lib.db.engine import connect
from tests import databases

DESCRIPTION = pytest.StashKey[str]()
OF_WORKERS = pytest.StashKey[list[str]]()


def pytest_sessionfinish(session):
    """Where the tests run in several processes, tell the one that prints which server was ours."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["database"] = session.config.stash.get(DESCRIPTION, "")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    # a worker that crashed has sent nothing
    if description := getattr(node, "workeroutput", {}).get("database"):
        node.config.stash.setdefault(OF_WORKERS, []).append(description)


def pytest_terminal_summary(terminalreporter, config):
    descriptions = config.stash.get(OF_WORKERS, [])
    if own := config.stash.get(DESCRIPTION, None):
        descriptions = [*descriptions, own]

    for description in sorted(set(descriptions)):
        servers = descriptions.count(description)
        terminalreporter.write_line(
            f"database: {description}" + (f" ({servers} servers)" if servers > 1 else "")
        )


@pytest.fixture(scope="session")
def database_server(request):
    """The process's server (`tests.databases.Server`), started when the first test needs it."""
    with databases.server() as server:
        request.config.stash[DESCRIPTION] = server.describe()
        yield server


@pytest.fixture(scope="session")
def migrated_template(database_server):
    """Name of the migrated database that `database` copies."""
    with database_server.migrated() as name:
        yield name


@pytest.fixture
def empty_database(database_server):
    """URL of a database without any table."""
    with database_server.database() as name:
        yield database_server.url_of(name)


@pytest.fixture
def database(database_server, migrated_template):
    """URL of a database of one's own with all revisions and seeds applied."""
    with database_server.database(migrated_template) as name:
        yield database_server.url_of(name)


@pytest.fixture
def engine(database):
    """An engine on `database`, as the jobs use it."""
    door = connect(database, application_name="tests")
    yield door
    door.dispose()


@pytest.fixture
def role(database_server):
    """Return the name of a role that may log in and nothing else."""
    name = f"jobs_{uuid.uuid4().hex[:8]}"
    with database_server.administrator() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD 'hush'"))
    yield name
    with database_server.administrator() as connection:
        connection.execute(text(f"DROP ROLE {name}"))


@pytest.fixture
def as_role(role):
    """Return an engine of the role on a database; what it was given there is taken back."""
    opened = []

    def engine(url):
        theirs = make_url(url).set(username=role, password="hush")
        door = connect(theirs.render_as_string(hide_password=False), application_name="tests")
        opened.append((door, url))
        return door

    yield engine
    for door, url in opened:
        door.dispose()
        owner = connect(url, application_name="tests")
        with owner.begin() as connection:
            connection.execute(text(f"REASSIGN OWNED BY {role} TO CURRENT_USER"))
            connection.execute(text(f"DROP OWNED BY {role}"))
        owner.dispose()
