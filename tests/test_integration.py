"""The line between tests that need nothing and the others (tests/plugins/integration.py)."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
from types import SimpleNamespace

import psycopg2
import pytest

from tests.plugins import beside, integration
from tests.plugins.integration import ReachedOut, guard


def _connect():
    with socket.socket() as one:
        one.connect(("127.0.0.1", 1))


def _listen():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))


@pytest.mark.parametrize(
    ("what", "reach_out"),
    [
        pytest.param("socket.connect", _connect, id="a connection"),
        pytest.param("socket.bind", _listen, id="a server"),
        pytest.param(
            "socket.getaddrinfo", lambda: socket.getaddrinfo("example.invalid", 80), id="a name"
        ),
        pytest.param("subprocess.Popen", lambda: subprocess.run(["true"], check=True), id="a job"),
        pytest.param("os.fork", os.fork, id="a fork"),
        pytest.param(
            "multiprocessing.Process.start",
            lambda: multiprocessing.get_context("spawn").Process(target=len).start(),
            id="a worker",
        ),
        pytest.param(
            "psycopg2.connect",
            lambda: psycopg2.connect("postgresql://127.0.0.1:1/x?connect_timeout=1"),
            id="a database",
        ),
    ],
)
def test_a_test_that_is_not_marked_cannot_reach_out(what, reach_out):
    with pytest.raises(ReachedOut, match=what):
        reach_out()

    assert guard.reached == [what]
    guard.reached.clear()


@pytest.mark.integration
def test_a_test_that_is_marked_can():
    assert not guard.is_on
    assert subprocess.run(["true"], check=False).returncode == 0


class Item:
    """As pytest shows a test to its plugins."""

    def __init__(self, path, *fixturenames):
        self.path = integration.ROOT / path
        self.fixturenames = fixturenames
        self.marks = []

    def add_marker(self, mark):
        self.marks.append(mark.name)


@pytest.mark.parametrize(
    ("item", "is_marked"),
    [
        pytest.param(Item("tests/lib/test_dates.py", "tmp_path"), False, id="nothing"),
        pytest.param(Item("tests/lib/test_x.py", "engine", "database_server"), True, id="database"),
        pytest.param(Item("tests/e2e/test_daily.py"), True, id="its folder"),
        pytest.param(Item("tests/e2e_more/test_x.py"), False, id="a folder of a similar name"),
    ],
)
def test_fixtures_and_folders_mark_a_test(item, is_marked):
    integration.pytest_collection_modifyitems([item])
    assert item.marks == ["integration"] * is_marked


def test_every_folder_and_fixture_that_marks_is_there():
    defined = {
        name
        for path in integration.ROOT.glob("tests/**/*.py")
        for name in integration.FIXTURES
        if f"def {name}(" in path.read_text(encoding="utf-8")
    }

    assert defined == integration.FIXTURES
    assert [name for name in integration.FOLDERS if not (integration.ROOT / name).is_dir()] == []


def test_every_file_that_stays_in_one_process_is_there():
    assert [name for name in beside.TOGETHER if not (integration.ROOT / name).is_file()] == []


@pytest.mark.parametrize(
    ("marks", "folder", "is_left_out"),
    [
        ("not integration", "tests/e2e", True),
        ("not integration", "tests/lib", None),
        ("", "tests/e2e", None),
    ],
)
def test_a_folder_of_which_no_test_would_run_is_not_read(marks, folder, is_left_out):
    config = SimpleNamespace(option=SimpleNamespace(markexpr=marks))

    assert integration.pytest_ignore_collect(integration.ROOT / folder, config) is is_left_out
