"""A job in a fork of the server is what it is as a program: the same words, files and ending."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from tests.fork_server import client

pytestmark = pytest.mark.integration
PROBE = "tests.fork_server.probe"
ROOT = Path(__file__).parents[1]


def program(how, directory, environ, given):
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", PROBE, how],
        cwd=directory,
        env=environ,
        stdin=given,
        capture_output=True,
        text=True,
        check=False,
    )


def fork(how, directory, environ, given, timeout_s=60):
    return client.server().run(
        PROBE,
        [how],
        cwd=directory,
        environ=environ,
        timeout_s=timeout_s,
        stdin=given,
        is_strict=True,
    )


@pytest.mark.parametrize("how", ["well", "code", "text", "error", "warning", "killed"])
def test_a_fork_says_and_ends_as_a_program(tmp_path, how):
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "GIVEN": "to it alone"}
    (tmp_path / "in").write_text("some words")
    endings = []
    for run in (program, fork):
        with (tmp_path / "in").open("rb") as given:
            done = run(how, tmp_path, environ, given)
        endings.append((done.returncode, done.stdout, done.stderr.splitlines()[-1:]))

    assert endings[0] == endings[1]
    assert "some words" in endings[1][1]


def test_what_a_fork_says_is_read_while_it_runs_and_stays_whole(tmp_path):
    with closing(client.server().start(PROBE, ["waits"], cwd=tmp_path, environ={})) as running:
        while "ready" not in running.output()[0]:
            assert running.is_running()
            time.sleep(0.01)

        running.send_signal(signal.SIGUSR1)

        assert running.wait(60) == 0
        assert running.output()[0].splitlines()[1:] == ["ready", "again", "the end"]
        assert not running.is_running()


def test_a_fork_that_takes_too_long_is_killed(tmp_path):
    with (
        Path(os.devnull).open("rb") as nothing,
        pytest.raises(subprocess.TimeoutExpired, match="hangs"),
    ):
        fork("hangs", tmp_path, {}, nothing, timeout_s=1)

    # the time may have been over before it began
    if (tmp_path / "pid").exists():
        number = int((tmp_path / "pid").read_text())
        with suppress(psutil.NoSuchProcess):
            psutil.Process(number).wait(300)
