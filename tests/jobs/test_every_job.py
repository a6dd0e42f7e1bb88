"""What all jobs promise.

Help with an example, no unknown flag, a refusal before any work, a quick start.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
JOBS = sorted(file.stem for file in (ROOT / "jobs").glob("*.py") if file.stem != "__init__")
HEAVY = ["sqlalchemy", "psycopg2", "alembic", "playwright", "weasyprint", "httpx", "jinja2", "rich"]
"""What a job may only pay for once its settings are valid."""

every_job = pytest.mark.parametrize("job", JOBS)


def run(directory, job, *flags):
    """Run a job where there is no setting at all; also return which modules it imported."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-X", "importtime", "-m", f"jobs.{job}", *flags]
    done = subprocess.run(
        command,
        cwd=directory,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    is_import = re.compile(r"import time:.*\|\s*(\S+)$")
    imports = [match[1] for line in done.stderr.splitlines() if (match := is_import.match(line))]
    stderr = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
    return done.returncode, done.stdout, stderr, imports


def heavy(imports):
    return [name for name in HEAVY if name in imports]


def test_there_are_jobs():
    assert "daily" in JOBS


@every_job
def test_help_shows_what_it_does_an_example_and_the_exit_codes(tmp_path, job):
    code, stdout, stderr, imports = run(tmp_path, job, "--help")

    assert (code, stderr, heavy(imports)) == (0, [], [])
    assert stdout.startswith(f"usage: python -m jobs.{job} ")
    assert re.search(rf"^Examples?:\n  python -m jobs\.{job}\b", stdout, re.MULTILINE)
    assert re.search(r"^Exit codes: 0 ", stdout, re.MULTILINE)


@every_job
def test_an_unknown_flag_is_wrong_usage(tmp_path, job):
    code, stdout, stderr, imports = run(tmp_path, job, "--no-such-flag")

    assert (code, stdout, heavy(imports)) == (2, "", [])
    assert stderr[-1] == f"python -m jobs.{job}: error: unrecognized arguments: --no-such-flag"


@every_job
def test_without_settings_it_refuses_before_any_work_and_quickly(tmp_path, job):
    code, stdout, stderr, imports = run(tmp_path, job)

    assert (code, stderr, heavy(imports)) == (78, [], [])
    assert " is missing: " in stdout
    assert json.loads(stdout.splitlines()[-1])["message"].startswith("refused before any work")
    assert list(tmp_path.iterdir()) == []
