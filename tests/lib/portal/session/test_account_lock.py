"""One process per account: held, named, and gone with its holder however that ends."""

import signal
import subprocess
import sys

import pytest

from lib import portal
from lib.errors import ConfigurationError, ExitCode
from lib.portal.session.account_lock import AccountInUse, AccountLock
from tests.lib.portal.conftest import save_state

pytestmark = pytest.mark.integration

HOLD = """
import sys, time
from pathlib import Path
from lib.portal.session.account_lock import AccountLock
lock = AccountLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def state(tmp_path):
    return tmp_path / "profiles" / "storage_state.json"


@pytest.fixture
def holder(state):
    """Another process that holds the lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, state, "jobs.login"], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        yield other
        other.kill()


def test_the_second_process_is_told_who_holds_it_and_that_it_may_come_again(state, holder):
    with pytest.raises(AccountInUse) as refused:
        AccountLock(state).acquire()

    assert str(refused.value).startswith(
        f"the portal account is in use by process {holder.pid} (jobs.login), since 20"
    )
    assert refused.value.exit_code is ExitCode.TEMPORARY


def test_it_dies_with_its_process_even_a_killed_one(state, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    AccountLock(state).acquire().release()


def test_another_account_is_free(state, holder):
    AccountLock(state.with_name("other.json")).acquire().release()


def test_taking_it_twice_is_taking_it_once_and_releasing_frees_it(state):
    lock = AccountLock(state).acquire().acquire()
    with pytest.raises(AccountInUse):
        AccountLock(state).acquire()
    lock.release()
    lock.release()

    AccountLock(state).acquire().release()


def test_the_file_is_private_and_says_nothing_secret(state):
    lock = AccountLock(state).acquire()
    file = state.with_name("storage_state.json.lease")

    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().startswith("process ")
    lock.release()


def test_a_directory_in_which_others_can_write_is_refused(state):
    state.parent.mkdir()
    state.parent.chmod(0o777)

    with pytest.raises(ConfigurationError, match="chmod 0700"):
        AccountLock(state).acquire()


def test_nothing_is_asked_of_the_portal_while_another_process_uses_the_account(
    settings, simulator, control, stores
):
    save_state(settings.storage_state, simulator.storage_state())
    lock = AccountLock(settings.storage_state).acquire()

    with portal.connect(settings) as client, pytest.raises(portal.AccountInUse):
        client.log_in(stores)
    assert control.requests() == 0
    lock.release()


def test_a_client_gives_it_back_at_its_end(settings, simulator, stores):
    save_state(settings.storage_state, simulator.storage_state())
    for _ in range(2):
        with portal.connect(settings) as client:
            client.log_in(stores)
