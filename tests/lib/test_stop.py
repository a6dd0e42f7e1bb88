"""A process that is asked to stop ends in time, even where Python's own handlers cannot reach the main thread."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lib import stop

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
STOPPED = "stopped by SIGTERM; the next run does what is still owed"
PROGRAM = """
import ctypes, sys, threading
from lib import stop
stop.CANCEL_AFTER_S, stop.EXIT_AFTER_S = 0.05, 0.1
stop.on_timeout(lambda: print("cancelled", flush=True))
stop.listen()
{work}
"""
DEADLOCK = """
from lib.errors import Interrupted
mutex = ctypes.create_string_buffer(64)
libc = ctypes.CDLL(None)
libc.pthread_mutex_lock(mutex)
try:
    print("ready", flush=True)
    libc.pthread_mutex_lock(mutex)  # never returns, whatever signal comes
except Interrupted:
    libc.pthread_mutex_lock(mutex)  # the signal came before the line above
"""
LAST_WORDS = """
from lib.errors import Interrupted
try:
    print("ready", flush=True)
    threading.Event().wait()
except Interrupted as error:
    print(error, flush=True)
    stop.exit_now(error.exit_code)
"""
HELD_BACK = """
from lib.errors import Interrupted
try:
    with stop.deferred_signals():
        print("ready", flush=True)
        while stop._Requests.received is None:
            threading.Event().wait(0.001)
        {ending}
    print("not reached", flush=True)
except Interrupted as error:
    print(error, error.__cause__, sep="\\n", flush=True)
    stop.exit_now(error.exit_code)
"""
SLOW_THREAD = "threading.Thread(target=threading.Event().wait).start()" + LAST_WORDS


def ended(work, number):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(work=work)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        said = process.stdout.read().splitlines()
        return process.wait(), said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=str)
def test_what_python_cannot_interrupt_is_cancelled_and_then_left(number):
    assert ended(DEADLOCK, number) == (75, ["cancelled"])


@pytest.mark.parametrize(
    "work", [LAST_WORDS, SLOW_THREAD], ids=["alone", "a thread waits for ever"]
)
def test_who_has_said_everything_leaves_without_waiting_for_threads(work):
    code, said = ended(work, signal.SIGTERM)
    assert (code, said[0]) == (75, STOPPED)


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        pytest.param('print("whole", flush=True)', ["whole", STOPPED, "None"], id="it is whole"),
        pytest.param(
            'raise OSError("the row was not written")',
            [STOPPED, "the row was not written"],
            id="it breaks",
        ),
    ],
)
def test_what_belongs_together_happens_before_a_stop_and_the_stop_is_not_forgotten(ending, said):
    assert ended(HELD_BACK.format(ending=ending), signal.SIGTERM) == (75, said)


def test_a_process_that_is_to_outlive_its_terminal_does(tmp_path):
    program = PROGRAM.format(work="signal.raise_signal(signal.SIGHUP); print('went on')")
    command = ["nohup", sys.executable, "-c", f"import signal\n{program}"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=ROOT
    )

    assert (done.returncode, done.stdout) == (0, "went on\n")


def test_ctrl_c_before_anything_has_begun_says_nothing():
    program = "from lib import stop\nstop.end_silently()\nprint('ready', flush=True)\ninput()"
    command = [sys.executable, "-c", program]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate() == ("", "")

    assert process.returncode == -signal.SIGINT


def test_where_nobody_asks_an_error_is_an_error():
    with pytest.raises(OSError, match="the row"), stop.deferred_signals():
        raise OSError("the row")

    assert not stop._Requests.deferred
