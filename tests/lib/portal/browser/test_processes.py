import subprocess
import sys
from contextlib import contextmanager

import psutil
import pytest

from lib.portal.browser import processes

pytestmark = pytest.mark.integration

FAMILY = "import subprocess, sys; subprocess.Popen(['sleep', '60']); print('ready', flush=True); sys.stdin.read()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"


@contextmanager
def program(source):
    with subprocess.Popen(
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout.readline() == b"ready\n"
        (process,) = (one for one in processes.children() if one.pid == running.pid)
        try:
            yield process
        finally:
            running.kill()


def test_a_tree_is_the_process_and_all_that_stems_from_it():
    with program(FAMILY) as parent:
        (child,) = parent.children()

        assert {process.pid for process in processes.tree(parent)} == {parent.pid, child.pid}
        child.kill()


def test_a_tree_that_does_not_end_by_itself_is_killed():
    with program(FAMILY) as parent:
        family = processes.tree(parent)
        processes.end(family, grace_s=0.1)

        assert [process for process in family if processes.command(process)] == []


def test_a_process_that_ignores_polite_signals_is_killed_too():
    with program(STUBBORN) as process:
        processes.end({process}, grace_s=0.1)

        assert processes.tree(process) == set()


def test_a_process_is_not_taken_for_a_later_one_with_its_number():
    with program(STUBBORN) as process:
        later = psutil.Process(process.pid)
        # What psutil tells two processes of one number apart by.
        later._ident = (process.pid, 1.0)
        processes.kill({later})

        assert processes.tree(process) == {process}


def test_a_command_line_is_told_and_empty_for_what_is_gone():
    assert processes.command(psutil.Process()).split() == " ".join(sys.orig_argv).split()

    with program(STUBBORN) as process:
        process.kill()
        process.wait()
        assert processes.command(process) == ""
