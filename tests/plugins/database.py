"""Fixtures for tests that need PostgreSQL; the end of the run says which servers they were on."""

from __future__ import annotations

import pytest

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
