"""`demo.stage` for a person without containers: what it says to type works."""

import os
import signal
import subprocess
import sys

import pytest

from demo.stage import READY
from tests.programs import ROOT

pytestmark = pytest.mark.integration

SHELL_TIMEOUT_S = 120


@pytest.mark.integration
def test_what_the_stage_says_to_type_makes_the_jobs_work(tmp_path):
    directory = tmp_path / "stage"
    command = [sys.executable, "-u", "-m", "demo.stage", directory, "--stores", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as stage:
        said = "".join(stage.stdout.readline() for _ in READY.splitlines())
        assert said == READY.format(directory=directory)
        [source] = [line.strip() for line in said.splitlines() if line.startswith("  set -a")]

        jobs = f"{sys.executable} -m jobs.migrate && {sys.executable} -m jobs.db_check"
        done = subprocess.run(
            ["/bin/sh", "-c", f"{source}; {jobs}"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
            timeout=SHELL_TIMEOUT_S,
        )
        stage.send_signal(signal.SIGHUP)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "database: ok"
    assert stage.returncode == 0
    assert (directory / "settings.env").stat().st_mode & 0o777 == 0o600
