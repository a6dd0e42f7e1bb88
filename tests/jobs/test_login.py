"""The login job as a person or a scheduler starts it.

No database, one saved session, an exit code.
"""

import json
import os

import pytest

from demo.portal import Fault, World, run_portal
from demo.portal import Kind as Trouble
from lib.portal.session.account_lock import AccountLock
from tests.programs import messages, run_job


@pytest.fixture
def simulator():
    with run_portal(World(stores=2, scale=0.2)) as running:
        yield running


@pytest.fixture
def login(simulator, tmp_path):
    """Run the job with this simulator's settings."""
    kept = {name: os.environ[name] for name in ("HOME", "BROWSER_EXECUTABLE") if name in os.environ}
    return lambda *flags, **changes: run_job(
        "login",
        *flags,
        cwd=tmp_path,
        **(kept | simulator.settings | {"PROFILES_DIR": str(tmp_path / "p")} | changes),
    )


def test_it_makes_the_saved_session_and_then_keeps_it(login, simulator, tmp_path):
    first, second = login(), login("--stores", "A817")

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + second.stdout
    assert "logged in, and the tracker card opened TMS" in messages(first)[-1]
    assert "the saved session still opens TMS" in messages(second)[-1]
    assert simulator.control.login_submissions == 1
    state = tmp_path / "p" / "storage_state.json"
    assert state.stat().st_mode & 0o777 == 0o600
    assert {"made_at", "proven_at"} <= json.loads(state.read_text()).keys()


def test_a_refused_login_is_78_and_leaves_no_session(login, simulator, tmp_path):
    simulator.control.add(Fault(Trouble.BAD_CREDENTIALS))
    done = login()

    assert done.returncode == 78
    assert "user name or password is wrong" in messages(done)[-1]
    assert not (tmp_path / "p" / "storage_state.json").exists()


def test_an_account_in_use_is_75_and_the_holder_is_named(login, simulator, tmp_path):
    lease = AccountLock(tmp_path / "p" / "storage_state.json").acquire()
    done = login()
    lease.release()

    assert done.returncode == 75
    assert messages(done)[-1].startswith("error: the portal account is in use by process ")
    assert simulator.control.requests() == 0


def test_a_driver_that_does_not_start_is_78(login, tmp_path):
    (tmp_path / "node").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "node").chmod(0o755)
    done = login(PLAYWRIGHT_NODEJS_PATH=str(tmp_path / "node"))

    assert done.returncode == 78
    assert "sh demo/setup.sh" in messages(done)[-1]


def test_a_window_without_a_screen_is_78(login):
    done = login("--headed", BROWSER_EXECUTABLE="/bin/false")

    assert done.returncode == 78
    assert "no screen for --headed" in messages(done)[-1]
