"""Which tests need more than Python, and that the others use nothing else.

A test is marked `integration` if one of its fixtures starts a server, if it lies in one of FOLDERS, or if its module or
it says so itself: `pytestmark = pytest.mark.integration`. `make check` runs the others. They cannot start a process,
reach a network or a database: such an attempt raises ReachedOut and fails the test, even where the code catches it.
"""

from __future__ import annotations

import multiprocessing.process
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).parents[2]
FIXTURES = {
    "browser",
    "database_server",
    "imap_server",
    "mailbox",
    "portal",
    "shared_portal",
    "simulator",
}
"""They start a server or a browser themselves; fixtures that use them count, too."""
FOLDERS = ("tests/e2e", "tests/jobs", "tests/proofs")
LEFT_OUT = {ROOT / folder for folder in FOLDERS}
EVENTS = {
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.system",
    "socket.bind",
    "socket.connect",
    "socket.getaddrinfo",
    "socket.sendto",
    "subprocess.Popen",
}
"""Python's audit events for what a process does outside of itself."""


class ReachedOut(OSError):
    """A test that is not marked `integration` started a process or used a network."""


class Guard:
    """Refuses what EVENTS names while it is on."""

    def __init__(self) -> None:
        self.is_on = False
        self.reached: list[str] = []

    def refuse(self, what: str) -> None:
        if self.is_on:
            self.reached.append(what)
            raise ReachedOut(
                f"{what}: only a test that is marked `integration` may do that (tests/README.md)"
            )

    @contextmanager
    def on(self):
        self.is_on = True
        try:
            yield
        finally:
            self.is_on = False
            self.reached.clear()


guard = Guard()


def _audit(event: str, _arguments: tuple) -> None:
    if event in EVENTS:
        guard.refuse(event)


def pytest_configure(config):
    config.addinivalue_line("markers", "integration: needs a process, a server or a network")

    # a hook cannot be removed again, hence the switch
    sys.addaudithook(_audit)

    # neither of these two raises an event
    _refusing(psycopg2, "connect", "psycopg2.connect")
    _refusing(multiprocessing.process.BaseProcess, "start", "multiprocessing.Process.start")


def _refusing(owner, name, what):
    original = getattr(owner, name)

    def refusing(*arguments, **named):
        guard.refuse(what)
        return original(*arguments, **named)

    setattr(owner, name, refusing)


def pytest_ignore_collect(collection_path, config):
    """Leave out whole folders of which no test would run: reading them takes a part of `make check`."""
    if config.option.markexpr == "not integration" and collection_path in LEFT_OUT:
        return True
    # others may say so
    return None


def pytest_collection_modifyitems(items):
    folders = tuple(ROOT / folder for folder in FOLDERS)
    for item in items:
        lies_there = any(item.path.is_relative_to(folder) for folder in folders)
        if lies_there or not FIXTURES.isdisjoint(item.fixturenames):
            item.add_marker(pytest.mark.integration)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    if item.get_closest_marker("integration"):
        return (yield)

    with guard.on():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    result = yield
    if guard.reached:
        pytest.fail(f"only a test that is marked `integration` may: {', '.join(guard.reached)}")
    return result
